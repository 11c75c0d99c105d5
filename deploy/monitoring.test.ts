import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { findProgram } from '../tools/find-program.ts'
import { readComposeFile } from './compose-file.ts'
import { dashboardOf } from './grafana/dashboard.ts'
import { ROWS } from './grafana/panels.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const CATALOGUE = join(ROOT, 'server/src/metrics/catalogue.ts')
const read = (path: string): string => readFileSync(join(ROOT, 'deploy', path), 'utf8')
const alerts = parse(read('prometheus/alerts.yml')) as {
  groups: { rules: { alert: string; expr: string; labels: object; annotations: object }[] }[]
}
const rules = alerts.groups.flatMap((group) => group.rules)
const prometheus = parse(read('prometheus/prometheus.yml')) as {
  scrape_configs: { job_name: string; dns_sd_configs?: { names: string[]; port: number }[] }[]
}
const promtool = findProgram(['promtool'])
if (!promtool) console.warn('promtool is missing (apt-get install prometheus): its own checks are SKIPPED')

test('Grafana gets the dashboard that the panels describe (npm run dashboard)', () => {
  expect(JSON.parse(read('grafana/dashboards/hongyan.json'))).toEqual(dashboardOf('Hongyan 鸿雁', 'hongyan', ROWS))
})

// The numbers are declared there, once they are.
test.skipIf(!existsSync(CATALOGUE))('panels and alerts ask for numbers that there are', () => {
  const published = readFileSync(CATALOGUE, 'utf8')
  const known = new Set(published.match(/\b(hongyan|process)_[a-z_]+/g))
  const expressions = [
    ...rules.map(({ expr }) => expr),
    ...ROWS.flatMap(({ panels }) => panels.flatMap(({ queries }) => queries.map(([expr]) => expr))),
  ]
  const asked = new Set(expressions.join('\n').match(/\b(hongyan|process)_[a-z_]+/g))
  expect(asked.size).toBeGreaterThan(30)
  for (const name of asked) expect([name, known.has(name.replace(/_bucket$/, ''))]).toEqual([name, true])
})

test('each alert says what is the matter, what to do, and how urgent it is', () => {
  for (const rule of rules) {
    expect(Object.keys(rule.annotations).sort()).toEqual(['description', 'summary'])
    expect(['page', 'ticket']).toContain(Reflect.get(rule.labels, 'severity'))
  }
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length)
})

test('Prometheus asks services that there are, on networks that it is on', () => {
  const { services } = readComposeFile(ROOT)
  const found = prometheus.scrape_configs.flatMap(({ dns_sd_configs: configs = [] }) =>
    configs.flatMap(({ names }) => names),
  )
  expect(found).toEqual(['gateway', 'balancer'])
  for (const name of found) {
    const shared = services[name]?.networks?.filter((network) => services['prometheus']?.networks?.includes(network))
    expect(shared).not.toEqual([])
  }
  expect(read('grafana/provisioning/datasources/prometheus.yml')).toContain('http://prometheus:9090')
  expect(services['grafana']?.volumes?.join()).toContain('/etc/grafana/dashboards:ro')
})

describe.skipIf(!promtool)('promtool', () => {
  test.each([
    ['check', 'rules', 'alerts.yml'],
    ['test', 'rules', 'alerts.test.yml'],
  ])('%s %s %s', (...args) => {
    const { status, stdout, stderr } = spawnSync(promtool ?? '', args, {
      cwd: join(ROOT, 'deploy/prometheus'),
      encoding: 'utf8',
    })
    expect([status, status === 0 ? '' : stdout + stderr]).toEqual([0, ''])
  })
})
