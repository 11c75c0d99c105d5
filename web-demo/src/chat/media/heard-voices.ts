import { shallowReactive } from 'vue'
import { recall, remember } from '../../look/storage.ts'

/** Older ones lose their mark together with their place here: nobody scrolls that far to hear a voice message. */
const KEPT = 500
const NAME = 'heard-voices'

const heard = shallowReactive(new Set<string>(recall<string[]>(NAME) ?? []))

/** Whether this voice message was played in this browser. Reactive. */
export function wasHeard(messageID: string): boolean {
  return heard.has(messageID)
}

export function markHeard(messageID: string): void {
  if (heard.has(messageID)) return
  heard.add(messageID)
  for (const oldest of heard) {
    if (heard.size <= KEPT) break
    heard.delete(oldest)
  }
  remember(NAME, [...heard], { for: 'ever' })
}
