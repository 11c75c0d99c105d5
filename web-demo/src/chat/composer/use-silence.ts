import { computed, onScopeDispose, ref, watch } from 'vue'
import { groupOf, groups } from '../../im/groups.ts'
import type { OpenChat } from '../../im/open-chat.ts'
import { language } from '../../words/language.ts'
import { silenceIn } from './silence-rules.ts'
import { composerWords as words } from './words.ts'

/** Timers cannot wait for longer. */
const MAX_WAIT_MS = 2 ** 31 - 1

/** Why nothing can be written here, in words; undefined when one may write. Ends by itself when a ban ends. */
export function useSilence({ type, to }: OpenChat) {
  const nowMs = ref(Date.now())
  let waiting: ReturnType<typeof setTimeout> | undefined

  // By the list of groups: a conversation stays, with what it knew of its group, when one is no longer in it.
  const group = computed(() => (type === 'GROUP' ? groupOf(to) : undefined))
  const silence = computed(() => silenceIn({ type, isKnown: groups.isLoaded, group: group.value }, nowMs.value))
  watch(group, () => (nowMs.value = Date.now()))
  watch(
    silence,
    (now) => {
      clearTimeout(waiting)
      if (now?.reason !== 'muted') return
      const waitMs = Math.min(MAX_WAIT_MS, now.untilMs - Date.now() + 500)
      waiting = setTimeout(() => (nowMs.value = Date.now()), Math.max(0, waitMs))
    },
    { immediate: true },
  )
  onScopeDispose(() => clearTimeout(waiting))

  return computed(() => {
    const now = silence.value
    if (!now) return undefined
    return now.reason === 'muted' ? words.value.muted(showTime(now.untilMs)) : words.value.mute[now.reason]
  })
}

function showTime(ms: number): string {
  const time = new Date(ms)
  const isToday = time.toDateString() === new Date().toDateString()
  const day = isToday ? {} : ({ month: 'long', day: 'numeric' } as const)
  return time.toLocaleString(language.value === 'zh' ? 'zh-CN' : 'en', { ...day, hour: '2-digit', minute: '2-digit' })
}
