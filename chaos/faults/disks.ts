import { existsSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createClient } from '../../client-sdk/src/core/client.ts'
import { nodePlatform } from '../../client-sdk/src/platform/node.ts'
import { mountSmallDisk, type SmallDisk } from '../../server/test/kit/small-disk.ts'
import { failureOf } from '../load/patience.ts'
import type { Rig } from '../rig/rig.ts'
import { SDK_APP_ID, userSigOf } from '../rig/signing.ts'
import { pause } from '../rig/waiting.ts'
import { Finding, type Scenario } from './scenario.ts'

const MEDIA_MIB = 4
const FILE_BYTES = 900_000
const FULL_MS = 5_000

/** Uploads until the disk is full: each either arrives whole or is refused by name, and messages go on. */
async function fillWithUploads(rig: Rig, disk: SmallDisk, finding: Finding): Promise<void> {
  const gateway = rig.cluster.gateway(2)
  await gateway.kill()
  await gateway.start({ env: { MEDIA_DIR: disk.path } })
  const [userId] = rig.population.users
  const [conversation] = rig.population.pairs.filter((pair) => pair.split(':').includes(userId ?? ''))
  if (userId === undefined || conversation === undefined) throw new Error('nobody to upload')
  const client = createClient({
    url: `ws://127.0.0.1:${gateway.port}/im/ws`,
    sdkAppId: SDK_APP_ID,
    platform: { ...nodePlatform(), device: 'node' },
    agent: 'chaos uploads',
  })
  await client.login(userId, userSigOf(userId))
  await client.whenSynced()
  const { acked } = rig.crew.measure.totals
  const upload = (number: number): Promise<string> => {
    const content = Buffer.alloc(FILE_BYTES, number + 1)
    const source = { name: `${number}.bin`, bytes: FILE_BYTES, content }
    return client.upload(conversation, 'file', source, {}).then(() => 'stored', failureOf)
  }
  const outcomes: string[] = []
  for (let number = 0; number < 8; number++) outcomes.push(await upload(number))
  const refusals = outcomes.filter((outcome) => outcome !== 'stored')
  finding.note(
    `${outcomes.length - refusals.length} uploads stored, ${refusals.length} refused: ${[...new Set(refusals)].join(', ')}`,
  )
  finding.effect = refusals.length
  if (refusals.length === 0) finding.blame('a disk of 4 MiB took 7 MB')
  for (const failure of refusals) {
    if (failure === 'INTERNAL' || /TIMEOUT|CLOSED|Error/.test(failure))
      finding.blame(`an upload to a full disk ended with ${failure}`)
  }
  const drafts = partialFiles(disk.path)
  if (drafts.length > 0) finding.blame(`partial files stay: ${drafts.join(', ')}`)
  if (rig.crew.measure.totals.acked === acked)
    finding.blame('no message was acknowledged while the disk for files was full')
  await client.logout()
  await gateway.kill()
  await gateway.start()
}

function partialFiles(path: string): readonly string[] {
  const incoming = join(path, 'incoming')
  return existsSync(incoming) ? readdirSync(incoming) : []
}

/** PostgreSQL's own disk has no byte left for a while. */
async function fillDatabaseDisk(rig: Rig, disk: SmallDisk, finding: Finding): Promise<void> {
  const ballast = join(disk.path, 'ballast')
  const { bsize, bavail } = statfsSync(disk.path)
  try {
    writeFileSync(ballast, Buffer.alloc(bsize * bavail))
  } catch {
    // It is as full as it gets.
  }
  const { acked, refusals } = { ...rig.crew.measure.totals }
  await pause(FULL_MS)
  const { totals } = rig.crew.measure
  finding.note(
    `${totals.acked - acked} acknowledged and ${totals.refusals - refusals} refused while PostgreSQL's disk was full`,
  )
  rmSync(ballast)
  await rig.cluster.untilPostgresAnswers()
  await rig.untilCaughtUp("PostgreSQL's disk was full")
}

export const DISK_FAULTS: readonly Scenario[] = [
  {
    id: 'F-19',
    what: "upload directory on a 4 MiB disk, filled; the same for PostgreSQL's disk",
    isMixable: false,
    run: async (rig) => {
      const finding = new Finding()
      const disk = mountSmallDisk(MEDIA_MIB)
      if (disk === undefined) return finding.skip('nobody may mount a small disk here')
      try {
        await fillWithUploads(rig, disk, finding)
      } finally {
        disk.remove()
      }
      const { smallDisk } = rig
      if (smallDisk === undefined)
        finding.note("PostgreSQL's disk is not a small one: only where F-19 is asked for by itself")
      else await fillDatabaseDisk(rig, smallDisk, finding)
      return finding
    },
  },
]
