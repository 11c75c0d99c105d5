import { expect, test } from 'vitest'
import { COMMANDS } from '../index.ts'

type Schema = Readonly<Record<string, unknown>>

/** What its schema does not bound, and who does. */
const BOUNDED_ELSEWHERE: Readonly<Record<string, string>> = {
  'session.open.protocolVersion': 'the window of versions, door.ts',
  'session.open.sdkAppId': 'compared with one number, door.ts',
  'session.open.userSig': 'LIMITS.userSigChars, before it is decoded',
  // TIM bounds these in bytes, which a schema cannot say, and has errors of their own for them.
  'profile.update.nick': 'profile-rules.ts',
  'profile.update.avatar': 'profile-rules.ts',
  'group.create.name': 'group-rules.ts',
  'group.create.avatar': 'group-rules.ts',
  'group.create.introduction': 'group-rules.ts',
  'group.create.notice': 'group-rules.ts',
  'group.update.name': 'group-rules.ts',
  'group.update.avatar': 'group-rules.ts',
  'group.update.introduction': 'group-rules.ts',
  'group.update.notice': 'group-rules.ts',
  'group.setMember.nameCard': 'group-rules.ts',
  'group.setAttributes.attributes.^.*$': 'group-data-rules.ts',
  'group.deleteAttributes.keys': 'group-data-rules.ts',
  'extension.set.extensions.key': 'extension-rules.ts',
  'extension.set.extensions.value': 'extension-rules.ts',
  'extension.delete.keys': 'extension-rules.ts',
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The schemas below this one, by what they are called in a body. */
function childrenOf(schema: Schema): readonly (readonly [string, Schema])[] {
  const { properties, items, anyOf, allOf, additionalProperties, patternProperties } = schema
  const named = [properties, patternProperties].flatMap((some) => (isSchema(some) ? Object.entries(some) : []))
  const nameless = [items, additionalProperties, anyOf, allOf].flat().map((one) => ['', one] as const)
  return [...named, ...nameless].flatMap(([name, one]) => (isSchema(one) ? [[name, one] as const] : []))
}

/** A regular expression that ends, and repeats nothing without an end. */
function isBoundedPattern(pattern: unknown): boolean {
  return typeof pattern === 'string' && /^\^.*\$$/s.test(pattern) && !/[*+]|,\}/.test(pattern)
}

function isBounded(schema: Schema): boolean {
  const { type, minimum, maximum, maxLength, pattern, maxItems } = schema
  if ('const' in schema || 'enum' in schema) return true
  if (type === 'string') return typeof maxLength === 'number' || isBoundedPattern(pattern)
  if (type === 'integer' || type === 'number') return typeof minimum === 'number' && typeof maximum === 'number'
  if (type === 'array') return typeof maxItems === 'number'
  return (
    ['object', 'boolean', 'null', undefined].includes(type as string | undefined) &&
    (type !== undefined || 'anyOf' in schema)
  )
}

function unboundedBelow(schema: Schema, path: string): readonly string[] {
  const below = childrenOf(schema).flatMap(([name, one]) => unboundedBelow(one, name === '' ? path : `${path}.${name}`))
  return isBounded(schema) ? below : [path, ...below]
}

/** What no request bounds by itself, by command and field. */
function unboundedInRequests(): readonly string[] {
  const requests: readonly (readonly [string, unknown])[] = Object.entries(COMMANDS).map(([name, { request }]) => [
    name,
    request,
  ])
  return [...new Set(requests.flatMap(([name, request]) => (isSchema(request) ? unboundedBelow(request, name) : [])))]
}

test('S-R2: every list, text and number of a request has a bound', () => {
  expect(unboundedInRequests().filter((path) => !(path in BOUNDED_ELSEWHERE))).toEqual([])
})

test('what is bounded elsewhere is there, and has no bound in its schema', () => {
  const unbounded = unboundedInRequests()
  expect(Object.keys(BOUNDED_ELSEWHERE).filter((path) => !unbounded.includes(path))).toEqual([])
})

test('the search for what has no bound finds it, wherever it is', () => {
  const bounded = { type: 'array', maxItems: 3, items: { type: 'string', maxLength: 2 } }
  expect(unboundedBelow({ type: 'object', properties: { a: bounded } }, 'x')).toEqual([])
  for (const bad of [
    { type: 'array', items: { type: 'boolean' } },
    { type: 'string', pattern: '^a+$' },
    { type: 'string', pattern: 'a' },
    { type: 'integer', maximum: 5 },
    { type: 'number', minimum: 0 },
    { anyOf: [{ type: 'null' }, { type: 'string' }] },
    { ...bounded, items: { type: 'object', properties: { deep: { type: 'integer' } } } },
    {},
  ]) {
    expect(unboundedBelow({ type: 'object', properties: { a: bad } }, 'x')).toHaveLength(1)
  }
})
