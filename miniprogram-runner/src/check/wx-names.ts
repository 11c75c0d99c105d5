import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import ts from 'typescript'

const READ = new Map<string, ReadonlySet<string>>()

/**
 * Every member of WeChat's `wx` according to miniprogram-api-typings, which Tencent publishes.
 * `typingsFile` is its lib.wx.api.d.ts; about half a second of parsing, once.
 */
export function readWxNames(typingsFile = defaultTypings()): ReadonlySet<string> {
  const known = READ.get(typingsFile)
  if (known !== undefined) return known
  const tree = ts.createSourceFile('wx.d.ts', readFileSync(typingsFile, 'utf8'), ts.ScriptTarget.ES2022, false)
  const names = new Set<string>(['cloud'])
  const visit = (node: ts.Node): void => {
    if (ts.isInterfaceDeclaration(node) && node.name.text === 'Wx') {
      for (const member of node.members) {
        if (member.name !== undefined && ts.isIdentifier(member.name)) names.add(member.name.text)
      }
    }
    if (ts.isModuleDeclaration(node) || ts.isModuleBlock(node) || ts.isSourceFile(node)) ts.forEachChild(node, visit)
  }
  visit(tree)
  READ.set(typingsFile, names)
  return names
}

function defaultTypings(): string {
  return createRequire(import.meta.url).resolve('miniprogram-api-typings/types/wx/lib.wx.api.d.ts')
}
