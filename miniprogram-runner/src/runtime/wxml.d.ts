/** The build compiles a builtin component's template (build/wxml-plugin.ts). */
declare module '*.wxml' {
  import type { template as types } from 'glass-easel'
  export const template: types.ComponentTemplate
}
