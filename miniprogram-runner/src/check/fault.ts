/** The rules of the gate, one name each; a test plants a fault for every one of them. */
export type Rule =
  | 'app-json'
  | 'page-files'
  | 'component-path'
  | 'unknown-component'
  | 'wxml-syntax'
  | 'wxml-subset'
  | 'wxml-reference'
  | 'wxml-handler'
  | 'wxss-syntax'
  | 'wxss-import'
  | 'wxss-url'
  | 'wxss-component-selector'
  | 'wxss-too-new'
  | 'script-syntax'
  | 'script-import'
  | 'script-wx-name'
  | 'script-global'
  | 'script-eval'
  | 'package-size'

/** One thing WeChat would refuse, or would get wrong without a word. */
export interface Fault {
  readonly rule: Rule
  /** Path relative to the mini-program's root, with `/`. */
  readonly file: string
  /** 1-based; 0 when the fault concerns the whole file. */
  readonly line: number
  readonly text: string
}

/** `pages/chat/chat.wxml:12  wxml-handler  no method answers bindtap="onSned"` */
export function describeFault(fault: Fault): string {
  const place = fault.line > 0 ? `${fault.file}:${fault.line}` : fault.file
  return `${place}  ${fault.rule}  ${fault.text}`
}

/** 1-based line of a character offset. */
export function lineAt(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line += 1
  return line
}
