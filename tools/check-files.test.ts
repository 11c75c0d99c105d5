import { describe, expect, test } from 'vitest'
import { lockfileProblems } from './check-lockfile.ts'
import { textProblems } from './check-text.ts'
import { planted } from './planted.ts'

describe('lock file', () => {
  test('links inside the workspace are fine', () => {
    expect(lockfileProblems(planted({ 'package-lock.json': '{"resolved": "server", "link": true}' }))).toEqual([])
  })

  test('a download address is a fault, so is a missing lock file', () => {
    const address = '{"resolved": "https://mirror.example/a/-/a-1.0.0.tgz"}'
    expect(lockfileProblems(planted({ 'package-lock.json': address }))).toHaveLength(1)
    expect(lockfileProblems(planted({}))).toEqual(['package-lock.json is missing'])
  })
})

describe('text that is true on one machine only', () => {
  // In pieces, or this file would be found itself.
  const registry = ['registry', 'npmjs', 'org'].join('.')
  const faults = [`cd ${'/'}work/main`, `"${'/'}tmp/hy/x"`, `${'/'}home/mei/src`, `https://${registry}/`]

  test.each(faults)('%s is found, with its line', (text) => {
    const problems = textProblems(planted({ 'docs/a.md': `first\n${text}\n` }))
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain('docs/a.md:2 ')
  })

  test('look-alikes are left alone', () => {
    const harmless = 'src/framework/main.ts ./work/x network/main /root/hongyan https://example.org/work-1/'
    expect(textProblems(planted({ 'a.md': harmless }))).toEqual([])
  })
})
