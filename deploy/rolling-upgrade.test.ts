import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'

const SCRIPT = fileURLToPath(new URL('rolling-upgrade.sh', import.meta.url))

// No engine is here: `docker` is played by a script with a list of containers, which notes how many there are at each step.
const DOCKER = `#!/bin/sh
cd "$(dirname "$0")"
echo "$*" >> calls
case "$*" in
"compose ps --quiet gateway") cat containers ;;
"compose build gateway") : ;;
"compose up "*)
  [ ! -e broken ] || exit 1
  wanted=$(echo "$*" | sed 's/.*gateway=\\([0-9]*\\).*/\\1/')
  while [ "$(wc -l < containers)" -lt "$wanted" ]; do echo "new$(grep -c . calls)" >> containers; done ;;
"compose exec"*) sed 's/.*/gateways,gateway-&,,,,,,,,,,,,,,,,UP,1/' containers ;;
"stop "*) sed -i "/^$4$/d" containers; wc -l < containers >> left ;;
"rm "*) : ;;
*) echo "unexpected: $*" >&2; exit 64 ;;
esac
`

function stage(containers: readonly string[]): { readonly folder: string; run(...args: string[]): number | null } {
  const folder = mkdtempSync(join(tmpdir(), 'hongyan-rolling-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'docker'), DOCKER)
  chmodSync(join(folder, 'docker'), 0o755)
  writeFileSync(join(folder, 'containers'), containers.map((id) => `${id}\n`).join(''))
  const env = { PATH: `${folder}:${process.env['PATH'] ?? ''}` }
  return { folder, run: (...args) => spawnSync(SCRIPT, args, { env, encoding: 'utf8' }).status }
}

function linesOf(folder: string, name: string): readonly string[] {
  return readFileSync(join(folder, name), 'utf8').split('\n').filter(Boolean)
}

test('every gateway is replaced, and there are never fewer than before', () => {
  const { folder, run } = stage(['old1', 'old2', 'old3'])
  expect(run()).toBe(0)
  const left = linesOf(folder, 'containers')
  expect(left).toHaveLength(3)
  expect(left.join()).not.toContain('old')
  expect(linesOf(folder, 'left').map(Number)).toEqual([3, 3, 3])
  const calls = linesOf(folder, 'calls')
  expect(calls.filter((call) => call.startsWith('stop'))).toEqual(
    ['old1', 'old2', 'old3'].map((id) => `stop --time 90 ${id}`),
  )
  expect(calls).toContain('compose build gateway')
})

test('when a new one does not become well, the old ones stay', () => {
  const { folder, run } = stage(['old1', 'old2'])
  writeFileSync(join(folder, 'broken'), '')
  expect(run('--no-build')).toBe(1)
  expect(linesOf(folder, 'containers')).toEqual(['old1', 'old2'])
  expect(linesOf(folder, 'calls').some((call) => /^stop|build/.test(call))).toBe(false)
})

test('where none runs there is nothing to replace', () => {
  expect(stage([]).run('--no-build')).toBe(1)
})
