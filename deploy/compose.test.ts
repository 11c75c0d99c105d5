import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseEnv } from 'node:util'
import { describe, expect, test } from 'vitest'
import { envToConfig } from '../server/src/config/config.ts'
import { fileVariableOf, type Option } from '../server/src/config/option.ts'
import { OPTIONS } from '../server/src/config/options.ts'
import { interpolate, readComposeFile, type Service } from './compose-file.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const TEXT = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8')
const compose = readComposeFile(ROOT)
const services = Object.entries(compose.services)
/** They do something and end: whether they are well is their exit code. */
const ONE_SHOTS = ['s3-folder', 's3-bucket', 'loadtest']
const PROFILES: Readonly<Record<string, string>> = {
  prometheus: 'monitoring',
  grafana: 'monitoring',
  s3: 's3',
  's3-folder': 's3',
  's3-bucket': 's3',
  loadtest: 'loadtest',
}
const SECONDS = /^(\d+)s$/

describe.each(services)('the service %s', (name, service) => {
  test('has no right that it does not need, and cannot write but where it must', () => {
    expect(service).toMatchObject({ read_only: true, init: true, cap_drop: ['ALL'] })
    expect(service.security_opt).toContain('no-new-privileges:true')
    expect(service.privileged ?? false).toBe(false)
    expect(service.cap_add ?? []).toEqual(name === 's3-folder' ? ['CHOWN'] : [])
    expect(JSON.stringify(service)).not.toMatch(/docker\.sock|"host"|container_name/)
  })

  test('runs as a user that is no root, by number', () => {
    const ours = service.image?.startsWith('hongyan-')
    if (ours) expect(dockerfileUser()).toMatch(/^[1-9]\d*:[1-9]\d*$/)
    else expect(service.user).toMatch(name === 's3-folder' ? /^0:0$/ : /^[1-9]\d*:\d+$/)
  })

  test('comes from an image of one version', () => {
    expect(service.image).toMatch(/^[a-z0-9./-]+:v?\d+\.\d+(\.\d+)?(-[a-z0-9.]+)?$/)
  })

  test('is bounded', () => {
    expect(Object.keys(service.deploy?.resources?.limits ?? {}).sort()).toEqual(['cpus', 'memory', 'pids'])
    expect(service.logging?.options?.['max-size']).toBeDefined()
    for (const mount of service.tmpfs ?? []) expect(mount).toMatch(/[:,]size=\d+m/)
  })

  test('says whether it is well, and is started again', () => {
    if (ONE_SHOTS.includes(name)) expect(service.healthcheck).toEqual({ disable: true })
    else expect(service.healthcheck?.test?.length).toBeGreaterThan(1)
    expect(service.restart).toMatch(ONE_SHOTS.includes(name) ? /^no$|^on-failure:\d$/ : /^unless-stopped$/)
    expect(service.stop_grace_period).toMatch(SECONDS)
  })

  test('waits for what it needs to be well', () => {
    for (const [needed, { condition }] of Object.entries(service.depends_on ?? {})) {
      expect(compose.services[needed]).toBeDefined()
      const wanted = ONE_SHOTS.includes(needed) ? 'service_completed_successfully' : 'service_healthy'
      expect(condition).toBe(wanted)
    }
  })

  test('has every file, volume, network and secret that it names', () => {
    for (const volume of service.volumes ?? []) {
      const [source = '', , mode] = volume.split(':')
      if (source.startsWith('./')) expect([existsSync(join(ROOT, source)), mode]).toEqual([true, 'ro'])
      else expect(Object.keys(compose.volumes)).toContain(source)
    }
    for (const file of service.env_file ?? []) {
      if (typeof file === 'string') expect(existsSync(join(ROOT, file))).toBe(true)
    }
    for (const secret of service.secrets ?? []) expect(Object.keys(compose.secrets)).toContain(secret)
    for (const network of service.networks ?? []) expect(Object.keys(compose.networks)).toContain(network)
  })

  test('names no secret under /run/secrets that it does not get', () => {
    const named = JSON.stringify(service).matchAll(/\/run\/secrets\/([a-z0-9_]+)/g)
    for (const [, secret] of named) expect(service.secrets).toContain(secret)
  })

  test('is started by default, or by the profile it belongs to', () => {
    expect(service.profiles ?? []).toEqual(PROFILES[name] === undefined ? [] : [PROFILES[name]])
  })

  test('opens a port only if it is the balancer', () => {
    expect(service.ports !== undefined).toBe(name === 'balancer')
    expect(service.networks?.includes('edge') ?? false).toBe(name === 'balancer')
  })
})

describe('the deployment', () => {
  test('lets nothing but the balancer out, and in by two ports; the administrator’s is this machine’s alone', () => {
    const { edge, ...others } = compose.networks
    expect(edge?.internal).toBeUndefined()
    for (const network of Object.values(others)) expect(network?.internal).toBe(true)
    const published = compose.services['balancer']?.ports?.map((port) => port.replace(/:\d+$/, ''))
    expect(published).toEqual(['443', '80', '127.0.0.1:8404'])
  })

  test('gives the gateways settings that they know and take, secrets as files', () => {
    const known = Object.entries<Option<unknown>>(OPTIONS).flatMap(([name, { isSecret }]) =>
      isSecret ? [fileVariableOf(name)] : [name],
    )
    const given = variablesOf(compose.services['gateway'])
    const s3 = parseEnv(readFileSync(join(ROOT, 'deploy/env/s3.env'), 'utf8'))
    const notOurs = ['NODE_OPTIONS', 'S3_ENDPOINT']
    for (const name of Object.keys({ ...given, ...s3 })) expect([...known, ...notOurs]).toContain(name)
    const secrets: Readonly<Record<string, string>> = {
      database_url: 'postgres://hongyan:x@postgres/hongyan',
      redis_url: 'redis://hongyan:x@valkey',
      secretkey: 's'.repeat(32),
      s3_secret_key: 'x',
    }
    const read = (path: string): string => secrets[path.replace('/run/secrets/', '')] ?? ''
    const config = envToConfig({ ...given, ...s3 }, read)
    expect(config).toMatchObject({ database: { kind: 'url' }, broker: { kind: 'redis' }, demo: 'off' })
    expect(config.http.trustedProxies).toHaveLength(1)
    expect(config.media.blobs.kind).toBe('s3')
  })

  test('gives a gateway the time to drain before it is killed', () => {
    const { DRAIN_SECONDS } = variablesOf(compose.services['gateway'])
    const graceSeconds = Number(SECONDS.exec(compose.services['gateway']?.stop_grace_period ?? '')?.[1])
    // The deadlines of the steps behind the drain, and the watchdog: server/src/node.ts and run-server.ts.
    expect(graceSeconds).toBeGreaterThanOrEqual(Number(DRAIN_SECONDS) + 60)
  })

  test('builds from the Dockerfile, on the Node that it names', () => {
    const text = readFileSync(join(ROOT, 'deploy/Dockerfile'), 'utf8')
    const builds = services.flatMap(([, { build }]) => (build ? [build] : []))
    expect(builds.map(({ target }) => target)).toEqual(['gateway', 'gateway', 'loadtest'])
    for (const { target, args, dockerfile } of builds) {
      expect([dockerfile, text.includes(` AS ${target}\n`)]).toEqual(['deploy/Dockerfile', true])
      expect(args).toEqual({ NODE_IMAGE: /^ARG NODE_IMAGE=(\S+)$/m.exec(text)?.[1] })
    }
  })

  test('has more than one gateway', () => {
    expect(compose.services['gateway']?.deploy?.replicas).toBe(2)
  })

  test('trusts the network of the balancer, and no other', () => {
    const subnet = /subnet: '([^']+)'/.exec(interpolate(TEXT))?.[1]
    expect(variablesOf(compose.services['gateway'])['TRUSTED_PROXIES']).toBe(subnet)
  })

  test('has no secret in its files', () => {
    for (const { file } of Object.values(compose.secrets)) expect(file).toMatch(/^deploy\/secrets\//)
    const texts = [
      TEXT,
      ...['gateway.env', 's3.env'].map((name) => readFileSync(join(ROOT, 'deploy/env', name), 'utf8')),
    ]
    for (const text of texts) expect(text).not.toMatch(/^\s*[A-Z_]*(PASSWORD|SECRET|SECRETKEY|TOKEN)\s*[:=]/m)
    const ignored = readFileSync(join(ROOT, '.gitignore'), 'utf8').split('\n')
    expect(ignored).toContain('deploy/secrets/')
    expect(ignored).toContain('deploy/env/local.env')
  })

  test('takes from the environment only what has a default, and no name of the server’s own settings by accident', () => {
    const variables = [...TEXT.matchAll(/\$\{([A-Z0-9_]+)(:-)?/g)]
    for (const [found, name = '', fallback] of variables) {
      expect([found, fallback]).toEqual([found, ':-'])
      // A .env that was written for `npm start` lies in the same folder.
      expect(name === 'SDKAPPID' || !(name in OPTIONS)).toBe(true)
    }
  })
})

/** What a service finds in its environment: its files, then docker-compose.yml. */
function variablesOf(service: Service | undefined): Record<string, string> {
  const files = service?.env_file?.flatMap((file) => (typeof file === 'string' ? [file] : [])) ?? []
  const read = files.map((path) => parseEnv(readFileSync(join(ROOT, path), 'utf8')))
  return Object.assign({}, ...read, service?.environment) as Record<string, string>
}

function dockerfileUser(): string {
  const text = readFileSync(join(ROOT, 'deploy/Dockerfile'), 'utf8')
  return [...text.matchAll(/^USER (.+)$/gm)].map(([, user]) => user)[0] ?? ''
}
