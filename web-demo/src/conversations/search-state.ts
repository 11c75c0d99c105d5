import type { Profile } from '@hongyan/client-sdk'
import { onScopeDispose, shallowReactive, watch } from 'vue'
import { searchMessages, searchPeople, type FoundMessages } from '../im/search.ts'
import { wordsOf } from './filter.ts'

/** People write faster than a server needs to be asked. */
const PAUSE_MS = 250

export interface CloudSearch {
  people: readonly Profile[]
  messages: readonly FoundMessages[]
  isBusy: boolean
}

/** Asks the server for what is written, once the writer pauses; answers to what he no longer wants are dropped. */
export function useCloudSearch(query: () => string): Readonly<CloudSearch> {
  const state = shallowReactive<CloudSearch>({ people: [], messages: [], isBusy: false })
  let timer: ReturnType<typeof setTimeout> | undefined
  let asked = 0

  async function ask(text: string): Promise<void> {
    const mine = ++asked
    const words = wordsOf(text)
    // One that fails leaves the other.
    const [people, messages] = await Promise.all([
      searchPeople(text).catch(() => []),
      searchMessages(words).then(
        ({ found }) => found,
        () => [],
      ),
    ])
    if (mine === asked) Object.assign(state, { people, messages, isBusy: false })
  }

  watch(
    query,
    (text) => {
      clearTimeout(timer)
      const wanted = text.trim()
      state.isBusy = wanted !== ''
      if (wanted) timer = setTimeout(() => void ask(wanted), PAUSE_MS)
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    clearTimeout(timer)
    asked++
  })
  return state
}
