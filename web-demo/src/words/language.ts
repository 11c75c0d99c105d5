import { computed, ref, watchEffect, type ComputedRef } from 'vue'
import { recall, remember } from '../look/storage.ts'

export type Language = 'zh' | 'en'

export const language = ref<Language>(firstLanguage())

watchEffect(() => {
  // Where words are tested there is no page.
  globalThis.document?.documentElement.setAttribute('lang', language.value === 'zh' ? 'zh-CN' : 'en')
  remember('language', language.value, { for: 'ever' })
})

/** The words of a part of the page in both languages; Chinese decides which there are. */
export function words<Words>(zh: Words, en: NoInfer<Words>): ComputedRef<Words> {
  return computed(() => (language.value === 'zh' ? zh : en))
}

/** `?lang=` decides, then what was chosen before, then the browser: Chinese unless it clearly wants another. */
function firstLanguage(): Language {
  const asked = new URLSearchParams(globalThis.location?.search).get('lang') ?? recall<Language>('language')
  if (asked === 'zh' || asked === 'en') return asked
  return globalThis.navigator?.language.startsWith('zh') === false ? 'en' : 'zh'
}
