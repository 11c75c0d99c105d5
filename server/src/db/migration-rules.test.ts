import { describe, expect, test } from 'vitest'
import { indexOf, isBuiltAside, markOf, problemsOf } from './migration-rules.ts'
import { readMigrations } from './migrations.ts'

function of(mark: string, ...statements: readonly string[]): { readonly tag: string; readonly statements: string[] } {
  return { tag: '0009_x', statements: statements.map((text, index) => (index === 0 ? `${mark}\n${text}` : text)) }
}

const ONLINE = '-- hongyan: online'

describe('a migration', () => {
  test('of this repository may run beside the program of the version before', () => {
    expect(readMigrations().flatMap(problemsOf)).toEqual([])
  })

  test('without a mark is refused', () => {
    expect(problemsOf(of('-- Custom SQL', 'CREATE TABLE "a" ("x" bigint)'))).toHaveLength(1)
    expect(markOf(of('-- hongyan: whatever', 'SELECT 1'))).toBeUndefined()
  })

  test.each([
    'CREATE TABLE "a" ("x" bigint PRIMARY KEY);',
    'ALTER TABLE "message" ADD COLUMN "x" bigint',
    'ALTER TABLE "message" ADD COLUMN "x" bigint DEFAULT 0 NOT NULL;',
    `ALTER TABLE "message" ADD COLUMN "x" jsonb DEFAULT '{}'::jsonb NOT NULL`,
    'ALTER TABLE "message" SET (fillfactor = 70)',
    `INSERT INTO "account" ("id") VALUES ('@x')`,
    'ALTER TABLE "message" ADD CONSTRAINT "c" CHECK ("seq" > 0) NOT VALID',
    'ALTER TABLE "message" VALIDATE CONSTRAINT "c"',
    'ALTER TABLE "message" ALTER COLUMN "x" DROP NOT NULL',
  ])('that adds is fine: %s', (statement) => {
    expect(problemsOf(of(ONLINE, statement))).toEqual([])
  })

  test('may index a table that it makes itself', () => {
    const made = 'CREATE TABLE "a" ("x" bigint)'
    expect(problemsOf(of(ONLINE, made, 'CREATE INDEX "i" ON "a" USING btree ("x")'))).toEqual([])
    expect(problemsOf(of(ONLINE, made, 'CREATE INDEX "i" ON "message" USING btree ("seq")'))).toHaveLength(1)
  })

  test.each([
    'ALTER TABLE "message" ADD COLUMN "x" text DEFAULT gen_random_uuid()::text NOT NULL',
    'ALTER TABLE "message" ADD COLUMN "x" timestamp with time zone DEFAULT now()',
    'ALTER TABLE "message" ADD COLUMN "x" bigint NOT NULL',
    'ALTER TABLE "message" ADD COLUMN "x" bigint GENERATED ALWAYS AS IDENTITY',
    'ALTER TABLE "message" ADD COLUMN "x" bigint REFERENCES "account"',
    'ALTER TABLE "message" ALTER COLUMN "seq" SET DATA TYPE text',
    'ALTER TABLE "message" ALTER COLUMN "x" SET NOT NULL',
    'ALTER TABLE "message" RENAME COLUMN "seq" TO "number"',
    'ALTER TABLE "message" DROP COLUMN "seq"',
    'ALTER TABLE "message" ADD CONSTRAINT "c" CHECK ("seq" > 0)',
    'DROP TABLE "message"',
    'UPDATE "message" SET "version" = 1',
    'DELETE FROM "message"',
    'CREATE INDEX CONCURRENTLY "i" ON "message" ("seq")',
    'LOCK TABLE "message"',
    'VACUUM FULL "message"',
  ])('that takes away, rewrites or holds is refused: %s', (statement) => {
    expect(problemsOf(of(ONLINE, statement))).toHaveLength(1)
  })

  test('takes away when it names the version that no longer needs it', () => {
    expect(problemsOf(of('-- hongyan: contract 0.3.0', 'ALTER TABLE "a" DROP COLUMN "x"', 'DROP TABLE "b"'))).toEqual(
      [],
    )
    expect(problemsOf(of('-- hongyan: contract', 'DROP TABLE "b"'))).toHaveLength(1)
    expect(problemsOf(of('-- hongyan: contract 0.3.0', 'UPDATE "a" SET "x" = 1'))).toHaveLength(1)
  })

  test('that builds indexes aside builds nothing else', () => {
    const aside = of('-- hongyan: aside', 'CREATE UNIQUE INDEX CONCURRENTLY "i" ON "message" USING btree ("seq");')
    expect(isBuiltAside(aside)).toBe(true)
    expect(problemsOf(aside)).toEqual([])
    expect(indexOf(aside.statements[0] ?? '')).toBe('"i"')
    expect(problemsOf(of('-- hongyan: aside', 'CREATE TABLE "a" ("x" bigint)'))).toHaveLength(1)
  })
})
