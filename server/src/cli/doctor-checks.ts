import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Config, Environment } from '../config/config.ts'
import { fileVariableOf } from '../config/option.ts'
import { OPTIONS } from '../config/options.ts'
import { checkDatabase } from '../doctor/check-database.ts'
import { checkBlobStore, checkFolder, checkFreeDisk, checkSecretFile, isFileThere } from '../doctor/check-files.ts'
import { checkMachine, readOpenFilesLimit } from '../doctor/check-machine.ts'
import { checkPort } from '../doctor/check-port.ts'
import { checkRedis } from '../doctor/check-redis.ts'
import type { Check } from '../doctor/doctor.ts'
import { ok, problem, warning, type Symptom } from '../doctor/finding.ts'
import { urlOfRunning } from '../embedded/open-store.ts'
import { openBlobs, SECRET_FILE, webFiles } from '../foundations.ts'
import { systemClock } from '../kit/clock.ts'
import { systemRandom } from '../kit/random.ts'

const STORE_STALL_MS = 3_000
const LOOPBACK = /^(127\.|localhost$|::1$)/

/** The checks that this configuration asks for, in the order in which they are told. */
export function checksOf(config: Config, environment: Environment): readonly Check[] {
  return [
    {
      name: 'machine',
      look: async () => checkMachine(process.versions.node, config.limits.maxConnections, readOpenFilesLimit()),
    },
    { name: 'settings', look: async () => judgeSettings(config) },
    { name: 'database', look: (signal) => lookAtDatabase(config, signal) },
    ...redisUrls(config).map(redisCheck),
    { name: 'files', look: () => lookAtFiles(config) },
    { name: 'keys', look: () => lookAtKeys(config, environment) },
    { name: 'port', look: () => checkPort(config.http.host, config.http.port) },
    { name: 'page', look: () => lookAtPage(config) },
  ]
}

function redisUrls({ broker }: Config): readonly string[] {
  if (broker.kind === 'redis') return [broker.url.reveal()]
  return broker.kind === 'redis-cluster' ? broker.urls.map((url) => url.reveal()) : []
}

function redisCheck(url: string): Check {
  const deps = { clock: systemClock, random: systemRandom }
  return { name: 'redis', look: (signal) => checkRedis(url, deps, signal) }
}

async function lookAtDatabase({ database }: Config, signal: AbortSignal): Promise<readonly Symptom[]> {
  if (database.kind === 'url') return checkDatabase(database.url.reveal(), systemClock, signal)
  const dataDir = resolve(database.dataDir, 'postgres')
  const url = urlOfRunning(dataDir)
  const disk = await checkFreeDisk(dataDir)
  if (url !== undefined) return [...(await checkDatabase(url, systemClock, signal)), disk]
  const said = existsSync(dataDir)
    ? ok(`内置数据库在 ${dataDir},随服务器启动`, `the embedded database is in ${dataDir}, and starts with the server`)
    : ok(`内置数据库将在首次启动时建于 ${dataDir}`, `the embedded database is made in ${dataDir} at the first start`)
  return [said, await checkFolder(dataDir), disk]
}

async function lookAtFiles(config: Config): Promise<readonly Symptom[]> {
  const { dir, blobs } = config.media
  const folder = await checkFolder(dir)
  if (blobs.kind === 'disk') return [folder, await checkFreeDisk(dir)]
  const store = openBlobs(config, { stallMs: STORE_STALL_MS })
  try {
    return [folder, await checkBlobStore(store, `S3 ${new URL(blobs.endpoint).host}/${blobs.bucket}`)]
  } finally {
    await store.close()
  }
}

async function lookAtKeys({ signing, dataDir, broker }: Config, environment: Environment): Promise<readonly Symptom[]> {
  const found: Symptom[] = []
  const path = join(resolve(dataDir), SECRET_FILE)
  if (signing.secret.kind === 'given') found.push(ok('SECRETKEY 已设置', 'SECRETKEY is set'))
  else if (await isFileThere(path)) found.push(await checkSecretFile(path, { zh: '签名密钥', en: 'the signing key' }))
  else found.push(ok('签名密钥将在首次启动时生成', 'the signing key is made at the first start'))
  if (signing.secret.kind === 'generated' && broker.kind !== 'memory') {
    found.push(
      warning(
        {
          zh: '多节点却没有设置 SECRETKEY:每台机器会各自生成密钥,互不承认签名',
          en: 'several nodes, and no SECRETKEY: each machine makes a key of its own and refuses signatures of the others',
        },
        {
          zh: '在所有节点上设置同一个 SECRETKEY(或共用 DATA_DIR)。',
          en: 'Set the same SECRETKEY on all nodes (or let them share DATA_DIR).',
        },
      ),
    )
  }
  for (const variable of Object.keys(OPTIONS).map(fileVariableOf)) {
    const named = environment[variable]
    if (named) found.push(await checkSecretFile(resolve(named), { zh: variable, en: variable }))
  }
  if (existsSync('.env'))
    found.push(await checkSecretFile(resolve('.env'), { zh: '设置文件', en: 'the settings file' }))
  return found
}

function judgeSettings({ demo, http, database, broker, media, sdkAppId }: Config): readonly Symptom[] {
  const found: Symptom[] = [ok(`设置有效,SDKAppID ${sdkAppId}`, `the settings are valid, SDKAppID ${sdkAppId}`)]
  if (demo === 'on') {
    const said = { zh: 'DEMO=on:任何人都可以用任何身份登录', en: 'DEMO=on: anybody may sign in as anybody' }
    const todo = {
      zh: '仅供试用;正式使用前设为 DEMO=off。',
      en: 'For trials only; say DEMO=off before it is used in earnest.',
    }
    // A database of its own, seen from the network: nobody sets that up for a trial.
    found.push(database.kind === 'url' && !LOOPBACK.test(http.host) ? problem(said, todo) : warning(said, todo))
  }
  if (broker.kind !== 'memory' && database.kind === 'embedded') {
    found.push(
      problem(
        {
          zh: '设置了 REDIS_URL 却用内置数据库:各节点不会看到彼此的消息',
          en: 'REDIS_URL with an embedded database: the nodes do not see the messages of each other',
        },
        { zh: '为所有节点设置同一个 DATABASE_URL。', en: 'Set the same DATABASE_URL on all nodes.' },
      ),
    )
  }
  if (broker.kind !== 'memory' && media.blobs.kind === 'disk') {
    found.push(
      warning(
        { zh: '多节点且文件存在本地磁盘', en: 'several nodes, and files are kept on a local disk' },
        {
          zh: '让 MEDIA_DIR 指向共享目录,或使用 S3;否则别的节点打不开文件。',
          en: 'Let MEDIA_DIR be a shared folder, or use S3; or other nodes cannot open the files.',
        },
      ),
    )
  }
  return found
}

async function lookAtPage({ webPage }: Config): Promise<readonly Symptom[]> {
  if (webPage === 'off') return [ok('WEB_PAGE=off:不提供网页', 'WEB_PAGE=off: no web page is served')]
  const { pageDir, sdkDir } = webFiles()
  const isBuilt = (await isFileThere(join(pageDir, 'index.html'))) && existsSync(sdkDir)
  if (isBuilt) return [ok('网页与 SDK 已构建', 'the web page and the SDK are built')]
  return [
    problem(
      { zh: '网页或 SDK 没有构建', en: 'the web page or the SDK is not built' },
      { zh: '执行 npm run build,或设置 WEB_PAGE=off。', en: 'Run npm run build, or say WEB_PAGE=off.' },
    ),
  ]
}
