import { Redis, type RedisOptions } from 'ioredis'
import type { Clock } from '../kit/clock.ts'
import type { Random } from '../kit/random.ts'
import { isMisrouted } from './redis-dialect.ts'

export interface RedisLinkOptions {
  readonly url: string
  /** What `CLIENT LIST` shows for the connection. */
  readonly name: string
  /** A command, the handshake's too, that has no answer after this is rejected. */
  readonly commandTimeoutMs: number
  readonly connectTimeoutMs: number
  readonly clock: Clock
  readonly random: Random
  /** Hears of the first fault of each outage. */
  readonly onFault: (err: unknown) => void
  /** Hears, in a cluster, of each answer that says that this server does not serve what it was asked for. */
  readonly onMisrouted?: () => void
}

const FIRST_RETRY_MS = 50
const MAX_RETRY_MS = 2_000
/** A link that lived this long was sound: the next retry starts small again. */
const SOUND_MS = 5_000
const GOODBYE_MS = 200

/**
 * One connection that comes back by itself, for ever and with jitter. Nothing waits in it for a dead Redis: while it is
 * down commands are rejected at once, and what was in flight at a loss is rejected and never repeated. No fault of it
 * becomes an unhandled rejection or an unhandled 'error' event.
 */
export class RedisLink {
  readonly redis: Redis
  readonly #options: RedisLinkOptions
  #losses = 0
  #readyAtMs: number | undefined
  #isFaultTold = false

  constructor(options: RedisLinkOptions) {
    this.#options = options
    this.redis = new Redis(options.url, this.#redisOptions())
    this.redis.on('error', (err) => this.#tell(err))
    this.redis.on('ready', () => {
      this.#readyAtMs = options.clock.monotonicMs()
      this.#isFaultTold = false
    })
  }

  isUp(): boolean {
    return this.redis.status === 'ready'
  }

  /** Calls `run` each time the connection is made, the first included. */
  onUp(run: () => void): void {
    this.redis.on('ready', run)
  }

  /**
   * Runs a script. Rejects when Redis refuses it, which is told as a fault, and when there is no answer in time: then
   * nobody knows what is still in the socket's buffer, and it is thrown away with the connection.
   */
  async evaluate(script: string, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    try {
      return await this.redis.eval(script, keys.length, ...keys, ...args)
    } catch (err) {
      if (isRedisReply(err)) this.tellRefusal(err)
      else if (this.isUp()) this.cut(err)
      throw err
    }
  }

  /** The place of a key: keys of one command must have the same. One server alone has but one. */
  placeOf(_key: string): number {
    return 0
  }

  /** For an error that Redis itself spoke. */
  tellRefusal(err: unknown): void {
    if (isMisrouted(err) && this.#options.onMisrouted) this.#options.onMisrouted()
    else this.#options.onFault(err)
  }

  /** Throws the connection away at once, whatever is in its buffers, and lets a new one be made. */
  cut(err: unknown): void {
    this.#tell(err)
    // Not disconnect(): it waits for a peer that may be dead to take what is still to be written.
    this.redis.stream?.destroy()
  }

  /** Ends it for good. Never throws, waits for nobody. */
  end(): void {
    this.redis.disconnect()
    this.redis.stream?.destroy()
  }

  // The constructor's own type of `replyMapping`, which we leave alone, contradicts that of RedisOptions.
  #redisOptions(): Omit<RedisOptions, 'replyMapping'> {
    return {
      connectionName: this.#options.name,
      commandTimeout: this.#options.commandTimeoutMs,
      connectTimeout: this.#options.connectTimeoutMs,
      // For an orderly goodbye to a peer that may be dead; its timer also keeps a closed process alive this long.
      disconnectTimeout: GOODBYE_MS,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      autoResubscribe: false,
      maxRetriesPerRequest: 0,
      keepAlive: 10_000,
      retryStrategy: () => this.#retryDelayMs(),
    }
  }

  #retryDelayMs(): number {
    const { clock, random } = this.#options
    if (this.#readyAtMs !== undefined && clock.monotonicMs() - this.#readyAtMs > SOUND_MS) this.#losses = 0
    this.#readyAtMs = undefined
    const capMs = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.#losses, 10))
    this.#losses += 1
    // Never 0: a peer that accepts and hangs up must not turn the loop into a spin.
    return FIRST_RETRY_MS + Math.floor(random.fraction() * capMs)
  }

  #tell(err: unknown): void {
    if (this.#isFaultTold) return
    this.#isFaultTold = true
    this.#options.onFault(err)
  }
}

/** True for a refusal that Redis itself spoke: the link is sound then, and cutting it would mend nothing. */
function isRedisReply(err: unknown): boolean {
  return err instanceof Error && err.name === 'ReplyError'
}
