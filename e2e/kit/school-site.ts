import { readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { HostileFile } from './hostile-files.ts'

const BUNDLE = fileURLToPath(new URL('../../client-sdk/dist/umd/hongyan.js', import.meta.url))
const HOME = `<!doctype html><html lang="zh"><meta charset="utf-8"><title>学校</title>
<link rel="icon" href="data:,"><script src="/hongyan.js"></script><input type="file">`

/** A school's own web site, of another site than the server's, whose pages use the SDK. */
export interface SchoolSite {
  readonly origin: string
  /** Where a script says that it has run: this, with a word for who it is. */
  readonly reportUrl: string
  /** Who has said so. */
  readonly reports: Set<string>
  /** The address of a hostile file as a careless server would serve it; opened with `&via=…`, it reports `<via> <name>`. */
  carelessUrl(name: string): string
  close(): Promise<void>
}

/** `filesOf` makes the hostile files, with the address to report to. */
export async function openSchoolSite(filesOf: (reportUrl: string) => readonly HostileFile[]): Promise<SchoolSite> {
  const reports = new Set<string>()
  const server = createServer(({ url = '/' }, response) => {
    const { pathname, searchParams } = new URL(url, origin())
    const via = searchParams.get('via') ?? ''
    const [, folder, name = ''] = pathname.split('/').map(decodeURIComponent)
    if (folder === 'ran') {
      reports.add(name)
      return answer(response, 'image/gif', '')
    }
    if (folder === 'careless') {
      const file = filesOf(`${origin()}/ran/${encodeURIComponent(`${via} `)}`).find((one) => one.name === name)
      if (file) return answer(response, file.carelessType, file.bytes)
    }
    if (folder === 'hongyan.js') return answer(response, 'text/javascript', readFileSync(BUNDLE))
    return answer(response, 'text/html', HOME)
  })
  // Of another site, not only of another port: what browsers keep apart the most.
  const origin = (): string => `http://localhost:${(server.address() as AddressInfo).port}`
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: origin(),
    reportUrl: `${origin()}/ran/`,
    reports,
    carelessUrl: (name) => `${origin()}/careless/${encodeURIComponent(name)}?t=`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** All that guards is missing, on purpose. */
function answer(response: ServerResponse, type: string, body: string | Uint8Array): void {
  response.writeHead(200, { 'content-type': type, 'access-control-allow-origin': '*' }).end(body)
}
