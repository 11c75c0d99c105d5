import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { sourceFiles } from './source-files.ts'

/** The documents that give rules their ids. */
const RULE_DOCUMENTS = ['docs/PROTOCOL.md', 'docs/SDK-STATES.md']
const RULE_ID = /\[[A-Z]{2,8}-\d+\]/g
const TEST_FILE = /\.(test|contract)\.ts$|(^|\/)test\/.*\.ts$/
const TEST_FUNCTIONS = new Set(['test', 'it', 'describe'])
const NOT_RUN = new Set(['skip', 'todo'])

/**
 * Every rule id of the documents must stand in the title of a test that runs, and every id in a title must be a rule's.
 * Returns one line per fault; a missing document and documents without any rule are faults too.
 */
export function ruleProblems(root: string): readonly string[] {
  const files = sourceFiles(root)
  const missing = RULE_DOCUMENTS.filter((path) => !files.includes(path))
  if (missing.length > 0) return missing.map((path) => `${path} is missing: the rules cannot be checked`)

  const rules = new Map<string, string>()
  for (const path of RULE_DOCUMENTS) {
    for (const id of idsIn(readFileSync(join(root, path), 'utf8'))) rules.set(id, path)
  }
  if (rules.size === 0)
    return [`no rule id such as [REQ-1] in ${RULE_DOCUMENTS.join(' or ')}: the check would be blind`]

  const tested = new Map<string, string>()
  for (const path of files.filter((file) => TEST_FILE.test(file))) {
    for (const title of testTitles(readFileSync(join(root, path), 'utf8'))) {
      for (const id of idsIn(title)) tested.set(id, path)
    }
  }
  return [
    ...[...rules].filter(([id]) => !tested.has(id)).map(([id, path]) => `${id} of ${path} stands in no test's title`),
    ...[...tested].filter(([id]) => !rules.has(id)).map(([id, path]) => `${id} in a title of ${path} is no rule`),
  ].sort()
}

/** The titles of the tests and suites of a file that are run: `test.skip` and `test.todo` prove nothing. */
export function testTitles(source: string): readonly string[] {
  const titles: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const names = calleeNames(node.expression)
      const [title] = node.arguments
      if (names.some((name) => NOT_RUN.has(name)) && isTestCall(names)) return
      const text = title && isTestCall(names) ? textOf(title) : ''
      if (text !== '') titles.push(text)
    }
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile('test.ts', source, ts.ScriptTarget.ES2022))
  return titles
}

/** `test.each(rows)` gives test, each; so does the call of its result. */
function calleeNames(callee: ts.Expression): readonly string[] {
  if (ts.isIdentifier(callee)) return [callee.text]
  if (ts.isPropertyAccessExpression(callee)) return [...calleeNames(callee.expression), callee.name.text]
  if (ts.isCallExpression(callee)) return calleeNames(callee.expression)
  if (ts.isTaggedTemplateExpression(callee)) return calleeNames(callee.tag)
  return []
}

function isTestCall([first]: readonly string[]): boolean {
  return first !== undefined && TEST_FUNCTIONS.has(first)
}

/** The written text of a title; what is filled in at run time is left out. */
function textOf(title: ts.Expression): string {
  if (ts.isStringLiteralLike(title)) return title.text
  if (!ts.isTemplateExpression(title)) return ''
  return title.head.text + title.templateSpans.map((span) => span.literal.text).join('')
}

function idsIn(text: string): readonly string[] {
  return text.match(RULE_ID) ?? []
}
