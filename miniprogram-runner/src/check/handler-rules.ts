import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import type { Fault } from './fault.ts'
import { isFromNpm, scriptOf, type Project } from './project.ts'
import type { Script, Scripts } from './script-reader.ts'
import { readWxmlTags, type WxmlAttribute } from './wxml-reader.ts'
import { templatesOf } from './wxml-rules.ts'

const HANDLER = /^(?:capture-bind|capture-catch|mut-bind|bind|catch)(?::.+|[a-z].*)$/

/** Handlers named in a template that the unit's script does not have; glass-easel and WeChat ignore them in silence. */
export function checkHandlers(project: Project, scripts: Scripts): readonly Fault[] {
  const faults: Fault[] = []
  for (const unit of project.units.values()) {
    const script = scripts.byFile.get(scriptOf(project.root, unit.stem) ?? '')
    if (script === undefined || isFromNpm(unit.stem)) continue
    const methods = methodsOf(script, scripts)
    if (methods.isOpen) continue
    for (const file of templatesOf(project.root, unit.stem)) {
      for (const { name, value, line } of handlersIn(readFileSync(join(project.root, file), 'utf8'))) {
        if (value === undefined || value.includes('{{') || methods.names.has(value)) continue
        const text = `no method of ${script.file} answers ${name}="${value}"`
        faults.push({ rule: 'wxml-handler', file, line, text })
      }
    }
  }
  return faults
}

function handlersIn(wxml: string): readonly WxmlAttribute[] {
  return readWxmlTags(wxml).flatMap(({ attributes }) =>
    attributes.filter(({ name, value }) => HANDLER.test(name) && value !== undefined && value !== ''),
  )
}

interface Methods {
  readonly names: ReadonlySet<string>
  /** Something was spread in that cannot be read statically, so that no name can be called missing. */
  readonly isOpen: boolean
}

/** Methods that `Page({…})`, `Component({ methods })` and their behaviors offer to templates. */
export function methodsOf(script: Script, scripts: Scripts): Methods {
  return new MethodReader(scripts).read(script)
}

class MethodReader {
  readonly #scripts: Scripts
  readonly #names = new Set<string>()
  readonly #seen = new Set<ts.Node>()
  #isOpen = false

  constructor(scripts: Scripts) {
    this.#scripts = scripts
  }

  read(script: Script): Methods {
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) this.#readCall(script, node)
      ts.forEachChild(node, visit)
    }
    visit(script.tree)
    return { names: this.#names, isOpen: this.#isOpen }
  }

  #readCall(script: Script, call: ts.CallExpression): void {
    const name = ts.isIdentifier(call.expression) ? call.expression.text : ''
    const definition = call.arguments[0]
    if (definition === undefined || !['Page', 'Component', 'Behavior'].includes(name)) return
    if (name === 'Page') this.#addMembers(script, definition)
    this.#withMember(script, definition, 'methods', (value, from) => this.#addMembers(from, value))
    this.#withMember(script, definition, 'behaviors', (value, from) => this.#addBehaviors(from, value))
  }

  #addMembers(script: Script, value: ts.Expression): void {
    const found = this.#objectOf(script, value)
    if (found === undefined) this.#isOpen = true
    for (const property of found?.object.properties ?? []) {
      if (ts.isSpreadAssignment(property)) this.#addMembers(found?.script ?? script, property.expression)
      else if (isPlainName(property.name)) this.#names.add(property.name.text)
    }
  }

  #withMember(script: Script, value: ts.Expression, key: string, use: (v: ts.Expression, from: Script) => void): void {
    const found = this.#objectOf(script, value)
    if (found === undefined) this.#isOpen = true
    for (const property of found?.object.properties ?? []) {
      const isIt = ts.isPropertyAssignment(property) && isPlainName(property.name) && property.name.text === key
      if (isIt) use(property.initializer, found?.script ?? script)
    }
  }

  #addBehaviors(script: Script, list: ts.Expression): void {
    if (!ts.isArrayLiteralExpression(list)) {
      this.#isOpen = true
      return
    }
    for (const item of list.elements) {
      if (ts.isStringLiteralLike(item)) continue
      const found = this.#resolve(script, item)
      if (found !== undefined && ts.isCallExpression(found.value)) this.#readCall(found.script, found.value)
      else this.#isOpen = true
    }
  }

  #objectOf(script: Script, value: ts.Expression): { script: Script; object: ts.ObjectLiteralExpression } | undefined {
    const found = this.#resolve(script, value)
    return found !== undefined && ts.isObjectLiteralExpression(found.value)
      ? { script: found.script, object: found.value }
      : undefined
  }

  /** Follows constants and imports to the expression they stand for. */
  #resolve(script: Script, value: ts.Expression): { script: Script; value: ts.Expression } | undefined {
    const bare = ts.isAsExpression(value) || ts.isSatisfiesExpression(value) ? value.expression : value
    if (!ts.isIdentifier(bare)) return { script, value: bare }
    const declared = declarationOf(script.tree, bare.text)
    if (declared === undefined || this.#seen.has(declared)) return undefined
    this.#seen.add(declared)
    try {
      if (ts.isVariableDeclaration(declared))
        return declared.initializer === undefined ? undefined : this.#resolve(script, declared.initializer)
      return this.#resolveImport(script, declared)
    } finally {
      this.#seen.delete(declared)
    }
  }

  #resolveImport(script: Script, declared: ts.ImportSpecifier | ts.ImportClause) {
    const statement = ts.isImportClause(declared) ? declared.parent : declared.parent.parent.parent
    const specifier = ts.isStringLiteral(statement.moduleSpecifier) ? statement.moduleSpecifier.text : ''
    const target = this.#scripts.byFile.get(script.imports.get(specifier) ?? '')
    if (target === undefined) return undefined
    const name = ts.isImportClause(declared) ? 'default' : (declared.propertyName ?? declared.name).text
    const exported = name === 'default' ? defaultExportOf(target.tree) : declarationOf(target.tree, name)
    if (exported === undefined) return undefined
    if (ts.isVariableDeclaration(exported))
      return exported.initializer === undefined ? undefined : this.#resolve(target, exported.initializer)
    return ts.isExpression(exported) ? this.#resolve(target, exported) : undefined
  }
}

function isPlainName(name: ts.PropertyName | undefined): name is ts.Identifier | ts.StringLiteral {
  return name !== undefined && (ts.isIdentifier(name) || ts.isStringLiteral(name))
}

type Declaration = ts.VariableDeclaration | ts.ImportSpecifier | ts.ImportClause

function declarationOf(tree: ts.SourceFile, name: string): Declaration | undefined {
  let found: Declaration | undefined
  const visit = (node: ts.Node): void => {
    const declares = ts.isVariableDeclaration(node) || ts.isImportSpecifier(node) || ts.isImportClause(node)
    if (declares && node.name !== undefined && ts.isIdentifier(node.name) && node.name.text === name) found = node
    if (found === undefined) ts.forEachChild(node, visit)
  }
  visit(tree)
  return found
}

function defaultExportOf(tree: ts.SourceFile): ts.Expression | undefined {
  return tree.statements.find((each) => ts.isExportAssignment(each))?.expression
}
