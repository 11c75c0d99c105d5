import { reactive, watch } from 'vue'
import { recall, remember } from '../look/storage.ts'

/** What a person has chosen on this machine; theme, language and text size keep themselves. */
export interface Preferences {
  /** A short tone when a message comes. */
  sound: boolean
  /** The browser's notifications; it has to agree, too. */
  notifications: boolean
  /** Notifications show what was written. */
  previews: boolean
  /** Which keys send; the other one begins a new line. */
  sendWith: 'enter' | 'ctrl-enter'
}

const DEFAULTS: Preferences = { sound: true, notifications: false, previews: true, sendWith: 'enter' }

export const preferences = reactive<Preferences>({ ...DEFAULTS, ...recall<Partial<Preferences>>('preferences') })

watch(preferences, (chosen) => remember('preferences', chosen, { for: 'ever' }))
