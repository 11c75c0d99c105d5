import { readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import ts from 'typescript'
import type { Fault } from './fault.ts'
import { isFile, npmCandidates, scriptOf, type Project } from './project.ts'

/** A script of the program, parsed once. */
export interface Script {
  readonly file: string
  readonly tree: ts.SourceFile
  /** specifier as written → file of the program; only what was found. */
  readonly imports: ReadonlyMap<string, string>
}

export interface Scripts {
  readonly byFile: ReadonlyMap<string, Script>
  /** Imports that lead nowhere, and what does not parse. */
  readonly faults: readonly Fault[]
}

/** app.ts, the script of every reachable unit, and what they import or require. */
export function readScripts(project: Project): Scripts {
  const byFile = new Map<string, Script>()
  const faults: Fault[] = []
  const visit = (file: string): void => {
    if (byFile.has(file)) return
    const tree = parseScript(file, readFileSync(join(project.root, file), 'utf8'))
    const imports = new Map<string, string>()
    byFile.set(file, { file, tree, imports })
    faults.push(...syntaxFaults(tree, file))
    for (const { specifier, line } of specifiersOf(tree)) {
      const target = resolveScript(project.root, file, specifier)
      if (target === undefined) faults.push({ rule: 'script-import', file, line, text: `no module ${specifier}` })
      else {
        imports.set(specifier, target)
        if (!target.endsWith('.json')) visit(target)
      }
    }
  }
  for (const stem of ['app', ...project.units.keys()]) {
    const file = scriptOf(project.root, stem)
    if (file !== undefined) visit(file)
  }
  return { byFile, faults }
}

export function parseScript(file: string, source: string): ts.SourceFile {
  const kind = file.endsWith('.ts') ? ts.ScriptKind.TS : ts.ScriptKind.JS
  return ts.createSourceFile(file, source, ts.ScriptTarget.ES2022, true, kind)
}

export function lineOf(tree: ts.SourceFile, node: ts.Node): number {
  return tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1
}

function syntaxFaults(tree: ts.SourceFile, file: string): readonly Fault[] {
  const { diagnostics } = ts.transpileModule(tree.text, {
    fileName: file,
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS, allowJs: true },
  })
  return (diagnostics ?? [])
    .filter(({ category }) => category === ts.DiagnosticCategory.Error)
    .map(({ messageText, start }) => ({
      rule: 'script-syntax',
      file,
      line: tree.getLineAndCharacterOfPosition(start ?? 0).line + 1,
      text: ts.flattenDiagnosticMessageText(messageText, ' '),
    }))
}

interface Specifier {
  readonly specifier: string
  readonly line: number
}

function specifiersOf(tree: ts.SourceFile): readonly Specifier[] {
  const found: Specifier[] = []
  const visit = (node: ts.Node): void => {
    const text = specifierOf(node)
    if (text !== undefined) found.push({ specifier: text, line: lineOf(tree, node) })
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return found
}

function specifierOf(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node) && isErased(node)) return undefined
  if (ts.isExportDeclaration(node) && node.isTypeOnly) return undefined
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return stringOf(node.moduleSpecifier)
  if (!ts.isCallExpression(node) || node.arguments.length !== 1) return undefined
  return ts.isIdentifier(node.expression) && node.expression.text === 'require'
    ? stringOf(node.arguments[0])
    : undefined
}

/** Imports of types only leave nothing behind. */
function isErased(node: ts.ImportDeclaration): boolean {
  const clause = node.importClause
  if (clause === undefined) return false
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const named = clause.namedBindings
  if (clause.name !== undefined || named === undefined || !ts.isNamedImports(named)) return false
  return named.elements.length > 0 && named.elements.every((each) => each.isTypeOnly)
}

function stringOf(node: ts.Node | undefined): string | undefined {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined
}

const ENDINGS = ['', '.ts', '.js', '.json', '/index.ts', '/index.js']

function resolveScript(root: string, from: string, specifier: string): string | undefined {
  const bases = specifier.startsWith('/')
    ? [specifier.slice(1)]
    : specifier.startsWith('.')
      ? [posix.join(dirname(from), specifier)]
      : [posix.join(dirname(from), specifier), ...npmCandidates(dirname(from), specifier)]
  // `import './x.js'` may mean x.ts on disk.
  const files = bases.flatMap((base) => [...ENDINGS.map((ending) => base + ending), base.replace(/\.js$/, '.ts')])
  return files.find((file) => /\.(ts|js|json)$/.test(file) && isFile(join(root, file)))
}
