import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { recordsFolder } from './records-folder.ts'

test('the folder asked for is taken when it is empty or not there, and refused when it holds anything', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hongyan-records-'))
  try {
    expect(recordsFolder(folder, 1)).toBe(folder)
    expect(recordsFolder(join(folder, 'new'), 1)).toBe(join(folder, 'new'))
    writeFileSync(join(folder, 'store.jsonl'), '')
    expect(() => recordsFolder(folder, 1)).toThrow('is not empty')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
