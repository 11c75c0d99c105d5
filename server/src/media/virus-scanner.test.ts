import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Refused } from '@hongyan/protocol'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startClamd, EICAR } from '../../test/kit/clamd.ts'
import { silentLogger } from '../kit/logger.ts'
import { ClamavScanner } from './virus-scanner.ts'

let folder: string
let servers: Server[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hongyan-scan-'))
  servers = []
})
afterEach(() => {
  for (const server of servers) server.close()
  rmSync(folder, { recursive: true })
})

function fileOf(content: string | Buffer): string {
  const path = join(folder, 'upload')
  writeFileSync(path, content)
  return path
}

function scannerAt(port: number): ClamavScanner {
  return new ClamavScanner({ host: '127.0.0.1', port, timeoutMs: 300, logger: silentLogger() })
}

test('what clamd finds has a name, also in a large file; what it does not is clean (S-F5)', async () => {
  const clamd = await startClamd()
  const scanner = scannerAt(clamd.port)
  expect(await scanner.scan(fileOf('homework'))).toBeUndefined()
  expect(await scanner.scan(fileOf(EICAR))).toBe('Eicar-Test-Signature')
  expect(await scanner.scan(fileOf(Buffer.concat([Buffer.alloc(3_000_000), Buffer.from(EICAR)])))).toBe(
    'Eicar-Test-Signature',
  )
  expect(await scanner.scan(fileOf(''))).toBeUndefined()
  await clamd.stop()
})

test('a clamd that is away, silent, broken, or full lets nothing in', async () => {
  await expect(scannerAt(9).scan(fileOf('x'))).rejects.toThrow(new Refused('BUSY'))
  for (const answer of [
    undefined,
    '',
    'INSTREAM size limit exceeded. ERROR\0',
    'stream: OK but not quite\0',
    'x'.repeat(5_000),
  ]) {
    const server = createServer((socket) => {
      socket.on('error', () => {})
      if (answer !== undefined) socket.end(answer)
    })
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    await expect(scannerAt((server.address() as AddressInfo).port).scan(fileOf('x'.repeat(500_000)))).rejects.toThrow(
      new Refused('BUSY'),
    )
  }
})
