import { ref, watchEffect } from 'vue'
import { recall, remember } from './storage.ts'

export const TEXT_SIZES = ['small', 'normal', 'large', 'huge'] as const
export type TextSize = (typeof TEXT_SIZES)[number]

export const textSize = ref<TextSize>(recall<TextSize>('text-size') ?? 'normal')

/** Keeps the page's text in the chosen size; tokens.css says how large that is. */
export function applyTextSize(): void {
  watchEffect(() => {
    document.documentElement.dataset['textSize'] = textSize.value
    remember('text-size', textSize.value, { for: 'ever' })
  })
}
