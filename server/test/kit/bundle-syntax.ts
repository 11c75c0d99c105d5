import { parse, type AnyNode, type Identifier, type Pattern } from 'acorn'

/**
 * The names a script takes from its surroundings: used somewhere in it and declared nowhere. Rejects, with the place, text
 * that is not of the edition. A name that is declared anywhere counts as its own everywhere, which for minified text is
 * no loss: its own names have two letters.
 */
export function freeNames(text: string, edition: 8 | 11 | 13, kind: 'script' | 'module' = 'script'): readonly string[] {
  const program = parse(text, { ecmaVersion: edition, sourceType: kind })
  const used = new Set<string>()
  const declared = new Set<string>(['arguments', 'undefined'])
  walk(program, (node, parent) => {
    for (const name of declaredBy(node)) declared.add(name)
    if (node.type === 'Identifier' && isReference(node, parent)) used.add(node.name)
  })
  return [...used].filter((name) => !declared.has(name)).sort()
}

function declaredBy(node: AnyNode): readonly string[] {
  switch (node.type) {
    case 'VariableDeclarator':
      return namesOf(node.id)
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      return [...(node.id ? [node.id.name] : []), ...node.params.flatMap(namesOf)]
    case 'ClassDeclaration':
    case 'ClassExpression':
      return node.id ? [node.id.name] : []
    case 'CatchClause':
      return node.param ? namesOf(node.param) : []
    case 'ImportDefaultSpecifier':
    case 'ImportNamespaceSpecifier':
    case 'ImportSpecifier':
      return [node.local.name]
    default:
      return []
  }
}

function namesOf(pattern: Pattern): readonly string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.name]
    case 'ObjectPattern':
      return pattern.properties.flatMap((each) => namesOf(each.type === 'Property' ? each.value : each.argument))
    case 'ArrayPattern':
      return pattern.elements.flatMap((each) => (each ? namesOf(each) : []))
    case 'RestElement':
      return namesOf(pattern.argument)
    case 'AssignmentPattern':
      return namesOf(pattern.left)
    default:
      return []
  }
}

/** Not the name of a property, nor of a label. */
function isReference(node: Identifier, parent: AnyNode | undefined): boolean {
  switch (parent?.type) {
    case 'MemberExpression':
      return parent.computed || parent.property !== node
    case 'Property':
      return parent.computed || parent.key !== node || parent.value === node
    case 'MethodDefinition':
    case 'PropertyDefinition':
      return parent.computed || parent.key !== node
    case 'LabeledStatement':
    case 'BreakStatement':
    case 'ContinueStatement':
    case 'ExportSpecifier':
    case 'ImportSpecifier':
    case 'MetaProperty':
      return false
    default:
      return true
  }
}

function walk(node: AnyNode, visit: (node: AnyNode, parent: AnyNode | undefined) => void, parent?: AnyNode): void {
  visit(node, parent)
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) walk(child, visit, node)
  }
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value
}
