import { createSocket } from 'node:dgram'
import type { AddressInfo } from 'node:net'

const HEADER_BYTES = 12
const QUERY_RESPONSE = 0x8180
const NO_SUCH_NAME = 3
const TYPE_A = 1
const CLASS_IN = 1
const TTL_SECONDS = 1
/** The name of an answer is that of the question, which stands behind the header. */
const POINTER_TO_QUESTION = 0xc00c

/** Answers as the name server of a container network does: a service's name has an address for each of its containers. */
export interface NameServer {
  /** Where it is asked, as `address:port`. */
  readonly address: string
  stop(): Promise<void>
}

/** Starts one on a free loopback port. `addressesOf` is asked for each question; no address means that there is no such name. */
export async function startNameServer(addressesOf: (name: string) => readonly string[]): Promise<NameServer> {
  const socket = createSocket('udp4')
  socket.on('message', (query, peer) => {
    const answer = answerTo(query, addressesOf)
    if (answer) socket.send(answer, peer.port, peer.address)
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(0, '127.0.0.1', resolve)
  })
  const { port }: AddressInfo = socket.address()
  return {
    address: `127.0.0.1:${port}`,
    stop: () => new Promise((resolve) => socket.close(() => resolve())),
  }
}

/** The answer, or undefined for what is no question of one name. */
export function answerTo(query: Buffer, addressesOf: (name: string) => readonly string[]): Buffer | undefined {
  if (query.length < HEADER_BYTES || query.readUInt16BE(4) !== 1) return undefined
  const question = readQuestion(query)
  if (!question) return undefined
  const addresses = addressesOf(question.name)
  const records = question.type === TYPE_A ? addresses.map(addressRecord) : []
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt16BE(query.readUInt16BE(0), 0)
  header.writeUInt16BE(QUERY_RESPONSE | (addresses.length === 0 ? NO_SUCH_NAME : 0), 2)
  header.writeUInt16BE(1, 4)
  header.writeUInt16BE(records.length, 6)
  return Buffer.concat([header, query.subarray(HEADER_BYTES, question.end), ...records])
}

function readQuestion(
  query: Buffer,
): { readonly name: string; readonly type: number; readonly end: number } | undefined {
  const labels: string[] = []
  let at = HEADER_BYTES
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  const end = at + 5
  return end <= query.length
    ? { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end }
    : undefined
}

function addressRecord(address: string): Buffer {
  const record = Buffer.alloc(16)
  record.writeUInt16BE(POINTER_TO_QUESTION, 0)
  record.writeUInt16BE(TYPE_A, 2)
  record.writeUInt16BE(CLASS_IN, 4)
  record.writeUInt32BE(TTL_SECONDS, 6)
  record.writeUInt16BE(4, 10)
  record.set(address.split('.').map(Number), 12)
  return record
}
