import { en } from './en'
import { zh, type Words } from './zh'

export type Language = 'zh' | 'en'

const LANGUAGES: { readonly [language in Language]: Words } = { zh, en }
const KEY = 'language'

let chosen: Language | undefined

/** Chinese, unless the user has chosen otherwise. */
export function language(): Language {
  chosen ??= wx.getStorageSync<unknown>(KEY) === 'en' ? 'en' : 'zh'
  return chosen
}

export function chooseLanguage(next: Language): void {
  chosen = next
  void wx.setStorage({ key: KEY, data: next })
}

/** The words of the chosen language. */
export function words(): Words {
  return LANGUAGES[language()]
}
