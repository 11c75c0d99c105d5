import type { Component } from 'vue'

/** One line of a menu. */
export interface Action {
  readonly word: string
  readonly icon?: Component
  readonly isDanger?: boolean
  readonly run: () => void
}

/** Where a menu opens: at the pointer, or at the button that asks for it. */
export type MenuPlace = { readonly x: number; readonly y: number } | HTMLElement
