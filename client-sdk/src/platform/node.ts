import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Platform, UploadRequest } from '../core/client-api.ts'
import { nodeTransport } from '../transport/node.ts'
import { httpFailure, textIn } from './http-failure.ts'
import { timerClock } from './timers.ts'

const CHUNK_BYTES = 256 * 1024

/** A Node process: bots, tests, tools. It neither sleeps nor changes its network as a phone does. */
export function nodePlatform(): Platform {
  return {
    device: 'node',
    clock: timerClock(() => performance.now()),
    random: () => Math.random(),
    transport: nodeTransport(),
    onWake: () => () => undefined,
    upload: putBytes,
    fetchText,
  }
}

/** PUT in pieces, for the progress: fetch has none, and would send a stream without its length. */
async function putBytes(upload: UploadRequest): Promise<void> {
  const bytes = await bytesOf(upload.source.content)
  if (bytes === undefined) throw new Error('neither bytes, nor a Blob, nor a text')
  await put(upload, bytes)
}

function put({ url, onProgress, onStarted }: UploadRequest, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const open = url.startsWith('https:') ? httpsRequest : httpRequest
    const headers = { 'content-type': 'application/octet-stream', 'content-length': bytes.length }
    const request = open(url, { method: 'PUT', headers })
    request.on('error', reject)
    request.on('close', () => reject(new Error('the transfer ended')))
    request.on('response', (response) => {
      response.resume()
      response.on('error', reject)
      if (response.statusCode === 200) response.on('end', resolve)
      // The server may refuse before all has gone.
      else reject(httpFailure(response.statusCode ?? 0))
    })
    onStarted?.(() => request.destroy())
    const writeFrom = (start: number): void => {
      if (start >= bytes.length) return void request.end()
      const end = Math.min(start + CHUNK_BYTES, bytes.length)
      request.write(bytes.subarray(start, end), (error) => {
        if (error) return
        onProgress(end / bytes.length)
        writeFrom(end)
      })
    }
    writeFrom(0)
  })
}

async function bytesOf(content: unknown): Promise<Uint8Array | undefined> {
  if (content instanceof Uint8Array) return content
  if (content instanceof Blob) return new Uint8Array(await content.arrayBuffer())
  const text = textIn(content)
  return text === undefined ? undefined : new TextEncoder().encode(text)
}

async function fetchText(url: string): Promise<string> {
  const response = await fetch(url)
  if (response.status !== 200) throw httpFailure(response.status)
  return await response.text()
}
