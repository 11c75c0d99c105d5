/**
 * Carries short strings under a topic between nodes.
 *
 * Guarantee: at most once, per topic in the order published by one node, while the link lives. Nothing more: a publish
 * that resolved may still have reached nobody. Whoever needs more compares offsets and reads the log (architecture,
 * Decision B); `onLost` tells when that is due for everything at once.
 */
export interface Broker {
  /**
   * Hands the payload over for delivery to every node subscribed to the topic, this one included.
   * Never throws and never waits for the link: while it is down the payload is dropped and counted.
   */
  publish(topic: string, payload: string): void
  /**
   * Resolves when the subscription is confirmed: what is published after that arrives while the link lives. Resolves
   * soon all the same when the link does not answer: the topic is in doubt then, as after any loss, until `onLost` is
   * called. Rejects only when it is ended before that, by `unsubscribe` or `close`. Subscribing twice is harmless.
   */
  subscribe(topic: string): Promise<void>
  /** Ends the subscription. A payload already on its way may still arrive. Never throws. */
  unsubscribe(topic: string): void
  /** Sets the one receiver of payloads. Called synchronously, never re-entrantly from `publish`. */
  onPayload(receive: (topic: string, payload: string) => void): void
  /** Sets the one receiver of "payloads may have been lost"; called when the link is back and all subscriptions are confirmed again. */
  onLost(receive: () => void): void
  /** False while payloads cannot go out or come in; then everything is later, and nothing is lost. */
  isUp(): boolean
  /** Counts for the metrics. */
  stats(): BrokerStats
  /** Ends all links. Bounded in time; never throws. */
  close(): Promise<void>
}

export interface BrokerStats {
  readonly published: number
  /** Payloads that could not be handed over because the link was down or too far behind. */
  readonly dropped: number
  readonly received: number
  /** How often the link was lost. */
  readonly lost: number
}
