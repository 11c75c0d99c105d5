import ts from 'typescript'
import type { Fault, Rule } from './fault.ts'
import { isFromNpm } from './project.ts'
import { lineOf, type Script } from './script-reader.ts'

/** Names of browsers and of Node that a mini-program's logic thread does not have. */
const ABSENT = new Set(
  `window document navigator location history localStorage sessionStorage indexedDB XMLHttpRequest fetch WebSocket
  URL URLSearchParams TextEncoder TextDecoder crypto Blob File FileReader FormData Headers Request Response
  AbortController AbortSignal EventSource Worker MessageChannel BroadcastChannel Image Audio Buffer process
  structuredClone queueMicrotask setImmediate requestAnimationFrame cancelAnimationFrame atob btoa alert confirm prompt
  performance getComputedStyle matchMedia customElements HTMLElement Element Event CustomEvent EventTarget
  MutationObserver ResizeObserver IntersectionObserver self globalThis global __dirname __filename`.split(/\s+/),
)

/** What scripts use: wx names that WeChat lacks, absent globals, code made at run time. */
export function checkScripts(scripts: Iterable<Script>, wxNames: ReadonlySet<string>): readonly Fault[] {
  return [...scripts].flatMap((script) => checkScript(script, wxNames))
}

export function checkScript({ file, tree }: Script, wxNames: ReadonlySet<string>): readonly Fault[] {
  const faults: Fault[] = []
  const isOurs = !isFromNpm(file)
  const say = (rule: Rule, node: ts.Node, text: string): void => {
    faults.push({ rule, file, line: lineOf(tree, node), text })
  }
  const visit = (node: ts.Node): void => {
    if (isTypeOnly(node)) return
    const dynamic = codeFromText(node)
    if (dynamic !== undefined) say('script-eval', node, `${dynamic} makes code from text, which WeChat refuses`)
    if (isOurs) {
      const name = wxMember(node)
      if (name !== undefined && !wxNames.has(name)) say('script-wx-name', node, `wx.${name} does not exist`)
      if (ts.isIdentifier(node) && ABSENT.has(node.text) && isUse(node) && !isDeclared(node))
        say('script-global', node, `${node.text} does not exist in a mini-program`)
    }
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return faults
}

function isTypeOnly(node: ts.Node): boolean {
  return ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)
}

function wxMember(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node) && isWx(node.expression)) return node.name.text
  if (ts.isElementAccessExpression(node) && isWx(node.expression) && ts.isStringLiteralLike(node.argumentExpression))
    return node.argumentExpression.text
  return undefined
}

function isWx(node: ts.Expression): boolean {
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isNonNullExpression(node))
    return isWx(node.expression)
  return ts.isIdentifier(node) && node.text === 'wx' && !isDeclared(node)
}

function codeFromText(node: ts.Node): string | undefined {
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
    const { text } = node.expression
    if (text === 'eval' && !isDeclared(node.expression)) return 'eval()'
    if (text === 'Function' && !asksForThis(node.arguments)) return 'Function()'
    if (/^set(Timeout|Interval)$/.test(text) && node.arguments[0] && ts.isStringLiteralLike(node.arguments[0]))
      return `${text}('…')`
  }
  if (!ts.isNewExpression(node) || !ts.isIdentifier(node.expression)) return undefined
  return node.expression.text === 'Function' && !asksForThis(node.arguments) ? 'new Function()' : undefined
}

/** `Function('return this')` is the one text that WeChat answers. */
function asksForThis(args: ts.NodeArray<ts.Expression> | undefined): boolean {
  const only = args?.length === 1 ? args[0] : undefined
  return only !== undefined && ts.isStringLiteralLike(only) && /^return this;?$/.test(only.text.trim())
}

/** False for names of members, labels and declarations, and for the guard `typeof x`. */
function isUse(node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isTypeOfExpression(parent)) return false
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node
  if (ts.isShorthandPropertyAssignment(parent)) return true
  if (ts.isBindingElement(parent)) return parent.initializer === node
  if (isNamed(parent) && parent.name === node) return false
  return !ts.isImportSpecifier(parent) && !ts.isExportSpecifier(parent) && !ts.isLabeledStatement(parent)
}

function isNamed(node: ts.Node): node is ts.Node & { readonly name: ts.Node } {
  return 'name' in node
}

/** Whether the file itself declares the name in a scope around its use. */
function isDeclared(use: ts.Identifier): boolean {
  for (let scope: ts.Node | undefined = use.parent; scope !== undefined; scope = scope.parent) {
    const opens = ts.isSourceFile(scope) || ts.isBlock(scope) || ts.isFunctionLike(scope) || ts.isForStatement(scope)
    if ((opens || ts.isForOfStatement(scope) || ts.isCatchClause(scope)) && declares(scope, use.text)) return true
  }
  return false
}

function declares(scope: ts.Node, name: string): boolean {
  let found = false
  const visit = (node: ts.Node): void => {
    if (found) return
    if (isDeclarationOf(node, name)) found = true
    else if (node === scope || !ts.isFunctionLike(node)) ts.forEachChild(node, visit)
  }
  visit(scope)
  return found
}

function isDeclarationOf(node: ts.Node, name: string): boolean {
  const declares =
    ts.isVariableDeclaration(node) ||
    ts.isParameter(node) ||
    ts.isBindingElement(node) ||
    ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isImportClause(node) ||
    ts.isImportSpecifier(node) ||
    ts.isNamespaceImport(node)
  return declares && node.name !== undefined && ts.isIdentifier(node.name) && node.name.text === name
}
