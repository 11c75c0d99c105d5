import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import ts from 'typescript'

/** Declarations that need nothing but each other and the language. */
export interface RolledUpTypes {
  readonly text: string
  /** The names of its types, sorted; the rest are values that are known by `typeof` only. */
  readonly types: readonly string[]
}

type Declaration =
  | ts.InterfaceDeclaration
  | ts.TypeAliasDeclaration
  | ts.ClassDeclaration
  | ts.VariableStatement
  | ts.FunctionDeclaration

/** One file of declarations: what it declares, and where the names it imports come from. */
interface Part {
  readonly path: string
  readonly source: ts.SourceFile
  readonly declared: ReadonlyMap<string, Declaration>
  readonly imported: ReadonlyMap<string, { readonly specifier: string; readonly name: string }>
}

/** A replacement of a piece of a file's text. */
interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/**
 * Gathers what can be reached from a type of a declaration file. Classes become interfaces, since an application is given
 * objects and makes none; `ReturnType<typeof f>` becomes what f returns. Throws when something from another package, or
 * two things of one name, can be reached: neither may be published.
 */
export function rollUpTypes(path: string, name: string): RolledUpTypes {
  const rollUp = new RollUp()
  rollUp.add(resolve(path), name)
  return rollUp.result()
}

class RollUp {
  readonly #parts = new Map<string, Part>()
  /** By name: where it is declared, and its text once written. */
  readonly #taken = new Map<string, { readonly path: string; text: string; readonly isType: boolean }>()

  result(): RolledUpTypes {
    const all = [...this.#taken]
    const types = all.filter(([, { isType }]) => isType).map(([name]) => name)
    return { text: all.map(([, { text }]) => text).join('\n'), types: types.sort() }
  }

  add(path: string, name: string): void {
    const part = this.#part(path)
    const declaration = part.declared.get(name)
    if (!declaration) return this.#addImported(part, name)
    const known = this.#taken.get(name)
    if (known?.path === path) return
    if (known) throw new Error(`${known.path} and ${path} both publish a type ${name}`)
    const taken = { path, text: '', isType: !ts.isVariableStatement(declaration) }
    this.#taken.set(name, taken)
    taken.text = this.#write(part, declaration)
  }

  #addImported(part: Part, name: string): void {
    const from = part.imported.get(name)
    if (from) this.add(fileOf(part, from.specifier), from.name)
    // Everything else is the language's own: Promise, Record, a type parameter.
  }

  #write(part: Part, declaration: Declaration): string {
    const doc = docOf(part, declaration)
    if (ts.isClassDeclaration(declaration)) return doc + this.#writeClass(part, declaration)
    const text = this.#textOf(part, declaration)
    const bare = text.replace(/^export /, '').replace(/^declare /, '')
    return doc + (ts.isVariableStatement(declaration) ? `declare ${bare}` : bare)
  }

  #writeClass(part: Part, { name, members, heritageClauses }: ts.ClassDeclaration): string {
    if (heritageClauses) throw new Error(`${part.path}: a published class must not extend another`)
    const lines = members.filter(isPublicMember).map((member) => {
      const doc = docOf(part, member)
      if (!ts.isGetAccessorDeclaration(member)) return doc + this.#textOf(part, member)
      const type = member.type ? this.#textOf(part, member.type) : 'unknown'
      return `${doc}readonly ${member.name.getText(part.source)}: ${type}`
    })
    return `interface ${name?.text ?? ''} {\n${lines.map((line) => `    ${line}\n`).join('')}}`
  }

  /** The text of a node in which every name is one of the roll-up; what these names mean is added to it. */
  #textOf(part: Part, node: ts.Node): string {
    const edits: Edit[] = []
    this.#collect(part, node, edits)
    const start = node.getStart(part.source)
    let text = part.source.text.slice(start, node.end)
    for (const edit of edits.sort((a, b) => b.start - a.start)) {
      text = text.slice(0, edit.start - start) + edit.text + text.slice(edit.end - start)
    }
    return text
  }

  #collect(part: Part, node: ts.Node, edits: Edit[]): void {
    const replacement = this.#replacementOf(part, node)
    if (replacement !== undefined) edits.push({ start: node.getStart(part.source), end: node.end, text: replacement })
    else ts.forEachChild(node, (child) => this.#collect(part, child, edits))
  }

  #replacementOf(part: Part, node: ts.Node): string | undefined {
    if (ts.isImportTypeNode(node)) return this.#writeImportType(part, node)
    if (ts.isTypeReferenceNode(node)) return this.#writeReference(part, node)
    if (ts.isTypeQueryNode(node) && ts.isIdentifier(node.exprName)) this.add(part.path, node.exprName.text)
    if (ts.isExpressionWithTypeArguments(node) && ts.isIdentifier(node.expression)) {
      this.add(part.path, node.expression.text)
    }
    return undefined
  }

  /** `import("./x.ts").Name<…>` */
  #writeImportType(part: Part, { argument, qualifier, typeArguments }: ts.ImportTypeNode): string {
    if (!ts.isLiteralTypeNode(argument) || !ts.isStringLiteral(argument.literal) || !qualifier) {
      throw new Error(`${part.path}: an import of a whole module cannot be rolled up`)
    }
    const name = qualifier.getText(part.source)
    if (isWireId(argument.literal.text, name)) return 'string'
    this.add(fileOf(part, argument.literal.text), name)
    return name + this.#writeArguments(part, typeArguments)
  }

  #writeReference(part: Part, node: ts.TypeReferenceNode): string | undefined {
    if (!ts.isIdentifier(node.typeName)) throw new Error(`${part.path}: ${node.getText(part.source)} is qualified`)
    const [argument] = node.typeArguments ?? []
    if (node.typeName.text === 'ReturnType' && argument && ts.isTypeQueryNode(argument)) {
      return this.#writeReturned(part, argument.exprName.getText(part.source))
    }
    const from = part.imported.get(node.typeName.text)
    if (from && isWireId(from.specifier, from.name)) return 'string'
    const original = from?.name ?? node.typeName.text
    this.add(part.path, node.typeName.text)
    return original + this.#writeArguments(part, node.typeArguments)
  }

  #writeReturned(part: Part, name: string): string {
    const declaration = part.declared.get(name)
    if (!declaration || !ts.isFunctionDeclaration(declaration) || !declaration.type) {
      throw new Error(`${part.path}: ${name} is no function of this file`)
    }
    return this.#textOf(part, declaration.type)
  }

  #writeArguments(part: Part, list: ts.NodeArray<ts.TypeNode> | undefined): string {
    return list ? `<${list.map((argument) => this.#textOf(part, argument)).join(', ')}>` : ''
  }

  #part(path: string): Part {
    const known = this.#parts.get(path)
    if (known) return known
    const part = readPart(path)
    this.#parts.set(path, part)
    return part
  }
}

function readPart(path: string): Part {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true)
  const declared = new Map<string, Declaration>()
  const imported = new Map<string, { specifier: string; name: string }>()
  for (const statement of source.statements) {
    if (ts.isImportDeclaration(statement)) noteImports(statement, imported)
    else if (ts.isVariableStatement(statement)) {
      for (const { name } of statement.declarationList.declarations) declared.set(name.getText(source), statement)
    } else if (isNamed(statement) && statement.name) declared.set(statement.name.text, statement)
  }
  return { path, source, declared, imported }
}

function isNamed(node: ts.Node): node is Exclude<Declaration, ts.VariableStatement> {
  return (
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isFunctionDeclaration(node)
  )
}

function noteImports(
  { importClause, moduleSpecifier }: ts.ImportDeclaration,
  imported: Map<string, { specifier: string; name: string }>,
): void {
  const bindings = importClause?.namedBindings
  if (!bindings || !ts.isNamedImports(bindings) || !ts.isStringLiteral(moduleSpecifier)) return
  for (const { name, propertyName } of bindings.elements) {
    imported.set(name.text, { specifier: moduleSpecifier.text, name: (propertyName ?? name).text })
  }
}

/** The wire's ids are branded for our own sake; to an application they are texts. */
function isWireId(specifier: string, name: string): boolean {
  return specifier.startsWith('@hongyan/protocol') && name.endsWith('Id')
}

function fileOf({ path }: Part, specifier: string): string {
  if (!specifier.startsWith('.')) throw new Error(`${path} publishes a type of ${specifier}, which applications lack`)
  return resolve(dirname(path), specifier.replace(/\.ts$/, '.d.ts'))
}

function isPublicMember(member: ts.ClassElement): boolean {
  if (ts.isConstructorDeclaration(member)) return false
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected | ts.ModifierFlags.Static
  return (ts.getCombinedModifierFlags(member) & hidden) === 0
}

function docOf({ source }: Part, node: ts.Node): string {
  const ranges = ts.getLeadingCommentRanges(source.text, node.getFullStart()) ?? []
  const doc = ranges.findLast(({ pos }) => source.text.startsWith('/**', pos))
  return doc ? `${source.text.slice(doc.pos, doc.end)}\n` : ''
}
