import { computed, ref, watchEffect } from 'vue'
import { recall, remember } from './storage.ts'

export type Theme = 'light' | 'dark' | 'system'

export const theme = ref<Theme>(recall<Theme>('theme') ?? 'system')

const system = matchMedia('(prefers-color-scheme: dark)')
const isSystemDark = ref(system.matches)

export const isDark = computed(() => theme.value === 'dark' || (theme.value === 'system' && isSystemDark.value))

/** Keeps the page in the chosen colours, or in those of the system. TDesign reads the attribute, and so do our tokens. */
export function applyTheme(): void {
  system.addEventListener('change', ({ matches }) => (isSystemDark.value = matches))
  watchEffect(() => {
    document.documentElement.setAttribute('theme-mode', isDark.value ? 'dark' : 'light')
    remember('theme', theme.value, { for: 'ever' })
  })
}
