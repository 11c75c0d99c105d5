import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from '../../tools/find-program.ts'
import { ROLE } from './database.ts'
import { addressesOf, type TopologyOptions } from './topology.ts'

/** Debian's programs are not in every PATH. */
const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/local/sbin`

/** What has to be installed for a topology, in words; undefined when all is there. */
export function missingForTopology(): string | undefined {
  const lacking = [
    ...(findProgram(['haproxy'], PATH) ? [] : ['haproxy']),
    ...(findProgram(['valkey-server', 'redis-server'], PATH) ? [] : ['redis-server']),
    ...(findProgram(['openssl'], PATH) ? [] : ['openssl']),
  ]
  if (process.platform !== 'linux') return 'the topology needs Linux: only there every 127.x.y.z is this machine'
  return lacking.length === 0
    ? undefined
    : `the topology needs: ${lacking.join(', ')} (apt-get install ${lacking.join(' ')})`
}

/** A folder with the secrets of a new topology, made by deploy/init-secrets.sh, and the programs it runs. */
export function prepareTopology(root: string, block: number): Omit<TopologyOptions, 'gateways'> {
  const folder = mkdtempSync(join(tmpdir(), 'hongyan-topology-'))
  mkdirSync(join(folder, 'media'))
  const { database, valkey, balancer } = addressesOf(block)
  const { status, stderr } = spawnSync(
    join(root, 'deploy/init-secrets.sh'),
    ['--host', balancer, join(folder, 'secrets')],
    {
      encoding: 'utf8',
      env: {
        PATH,
        DATABASE_HOST: `${database}:5432`,
        DATABASE_USER: ROLE,
        DATABASE_NAME: ROLE,
        VALKEY_HOST: `${valkey}:6379`,
      },
    },
  )
  if (status !== 0) throw new Error(`deploy/init-secrets.sh failed: ${stderr}`)
  return {
    root,
    block,
    folder,
    haproxy: findProgram(['haproxy'], PATH) ?? 'haproxy',
    redis: findProgram(['valkey-server', 'redis-server'], PATH) ?? 'redis-server',
  }
}
