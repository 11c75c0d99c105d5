import type { Redis } from 'ioredis'

/** How a server wants to be spoken to: alone it has channels, in a cluster it has shard channels. */
export interface PubSubDialect {
  /** True where channels live in slots, of which one command may name but one, and which move. */
  readonly hasSlots: boolean
  readonly messageEvent: 'message' | 'smessage'
  subscribe(redis: Redis, channels: readonly string[]): Promise<unknown>
  unsubscribe(redis: Redis, channels: readonly string[]): Promise<unknown>
  /**
   * One command for many channels: a third of the processor time of pipelined commands, on our side. ARGV: for each packet
   * the bucket's channel, the topic's channel, the text. Answers nothing when all is well, else the first error and the
   * numbers, from 1, of the packets that were not taken. ADR 0007 says what it costs to publish to both.
   */
  readonly publishAll: string
  /** ARGV: a channel, to which an empty text is published. */
  readonly publishEmpty: string
}

export const SINGLE: PubSubDialect = {
  hasSlots: false,
  messageEvent: 'message',
  subscribe: (redis, channels) => redis.subscribe(...channels),
  unsubscribe: (redis, channels) => redis.unsubscribe(...channels),
  publishAll: `
for i = 1, #ARGV, 3 do
  redis.call('PUBLISH', ARGV[i + 1], ARGV[i + 2])
  redis.call('PUBLISH', ARGV[i], ARGV[i + 2])
end`,
  publishEmpty: "redis.call('PUBLISH', ARGV[1], '')",
}

/** A server sends every shard message on to its replicas, heard or not: so it is first asked whether a bucket is. */
export const SHARDED: PubSubDialect = {
  hasSlots: true,
  messageEvent: 'smessage',
  subscribe: (redis, channels) => redis.ssubscribe(...channels),
  unsubscribe: (redis, channels) => redis.sunsubscribe(...channels),
  publishAll: `#!lua flags=allow-cross-slot-keys
local refused = {}
for i = 1, #ARGV, 3 do
  local answer = redis.pcall('SPUBLISH', ARGV[i + 1], ARGV[i + 2])
  if type(answer) == 'table' then
    if #refused == 0 then refused[1] = answer.err end
    refused[#refused + 1] = (i + 2) / 3
  elseif redis.call('PUBSUB', 'SHARDNUMSUB', ARGV[i])[2] > 0 then
    redis.call('SPUBLISH', ARGV[i], ARGV[i + 2])
  end
end
return refused`,
  publishEmpty: "#!lua flags=allow-cross-slot-keys\nredis.call('SPUBLISH', ARGV[1], '')",
}

/** True for an answer that says no more than that this server does not serve the slot, or not now. */
export function isMisrouted(err: unknown): boolean {
  return err instanceof Error && MISROUTED.test(err.message)
}

const MISROUTED =
  /^(MOVED|ASK|TRYAGAIN|CLUSTERDOWN) |non local key in a cluster|cluster is down|can't write against a read only/
