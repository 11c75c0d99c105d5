import postcss, { CssSyntaxError, type AtRule, type Rule } from 'postcss'
import parseSelector from 'postcss-selector-parser'
import { SCOPE_MARK } from '../runtime/app-bundle.ts'
import { translateLengths } from '../runtime/lengths.ts'
import type { AppFiles, AppPath } from './app-files.ts'
import { CompileError } from './compile-error.ts'

/** How class names are written: 'bare' for app.wxss, 'marked' for pages and components (runtime/styles.ts). */
export type Scoping = 'bare' | 'marked'

/**
 * A WXSS file with all its imports as one CSS text: WeChat's tags, lengths, ids and :host in the browser's words.
 * @throws CompileError when a file is missing or is not CSS.
 */
export function compileWxss(files: AppFiles, path: AppPath, scoping: Scoping): string {
  const root = postcss.root()
  inline(files, path, root, [])
  // One set for the whole text: the same rule may be met more than once.
  root.walkRules((rule) => {
    if (!isInKeyframes(rule)) rule.selector = translateSelector(rule.selector, scoping)
  })
  root.walkDecls((declaration) => {
    declaration.value = translateLengths(declaration.value)
  })
  root.walkAtRules((rule) => {
    if (rule.name === 'media') rule.params = translateLengths(rule.params)
  })
  root.walkComments((comment) => {
    comment.remove()
  })
  return root.toString()
}

function inline(files: AppFiles, path: AppPath, into: postcss.Root, chain: readonly AppPath[]): void {
  if (chain.includes(path)) throw new CompileError(path, undefined, `imports itself: ${[...chain, path].join(' → ')}`)
  const parsed = parse(files.read(path), path)
  for (const node of [...parsed.nodes]) {
    const written = node.type === 'atrule' && node.name === 'import' ? importedFile(node) : undefined
    if (written === undefined) into.append(node)
    else inline(files, files.join(path, written), into, [...chain, path])
  }
}

function parse(css: string, path: AppPath): postcss.Root {
  try {
    return postcss.parse(css, { from: path })
  } catch (err) {
    if (err instanceof CssSyntaxError) throw new CompileError(path, err.line, err.reason)
    throw err
  }
}

function importedFile(rule: AtRule): string {
  const file = /^(?:url\(\s*)?['"]?([^'")\s]+)['"]?/.exec(rule.params)?.[1] ?? ''
  return file.endsWith('.wxss') ? file : `${file}.wxss`
}

function isInKeyframes(rule: Rule): boolean {
  return rule.parent?.type === 'atrule' && /keyframes$/i.test((rule.parent as AtRule).name)
}

/** Exported for its test. */
export function translateSelector(selector: string, scoping: Scoping): string {
  return parseSelector((root) => {
    root.walk((node) => {
      if (node.type === 'class' && scoping === 'marked') node.value = `${SCOPE_MARK}${node.value}`
      else if (node.type === 'tag' && !isKeyframeStep(node.value)) node.value = `wx-${node.value}`
      else if (node.type === 'id') node.replaceWith(parseAttribute(`[exparser\\:info-attr-id="${node.value}"]`))
      else if (node.type === 'universal') node.replaceWith(parseAttribute(':is(wx-page, wx-page *)'))
      else if (node.type === 'pseudo' && node.value === ':host')
        node.replaceWith(parseAttribute('[wx-host="__host__"]'))
    })
  }).processSync(selector)
}

function isKeyframeStep(tag: string): boolean {
  return /^(from|to|\d)/.test(tag)
}

function parseAttribute(css: string): parseSelector.Selector {
  const selector = parseSelector().astSync(css).first
  // The replacement is not the program's: walk must not translate it again.
  return selector.clone({})
}
