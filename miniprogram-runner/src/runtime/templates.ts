import type { CodeSpace } from 'glass-easel-miniprogram-adapter'
import type { AppBundle } from './app-bundle.ts'
import { SHADOWED_NAMES } from './sandbox-names.ts'
import { getDate, getRegExp, type WxsHooks } from './wxs.ts'

/** Gives the compiled WXML to the framework, with WXS's functions and without the browser's names. */
export function registerTemplates(space: CodeSpace, bundle: AppBundle, hooks: WxsHooks): void {
  const groupList = bundle.templates(hooks, getDate, getRegExp, ...SHADOWED_NAMES.map(() => undefined))
  for (const path of Object.keys(bundle.entries)) {
    const content = groupList[path]
    if (content !== undefined) space.addCompiledTemplate(path, { groupList, content })
  }
}
