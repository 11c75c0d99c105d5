import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { access, open, rm, stat, statfs } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Blobs } from '../blobs/blobs.ts'
import { ok, problem, warning, type Symptom } from './finding.ts'

const MEBIBYTE = 1 << 20
const LITTLE_MIB = 10 * 1024
const NONE_MIB = 1024
const OTHERS = 0o077
const OWNER_ONLY = 0o600

/** Whether files can be written below this folder, which need not be there yet. */
export async function checkFolder(folder: string): Promise<Symptom> {
  const path = resolve(folder)
  const there = await nearestThere(path)
  const probe = join(there, `.hongyan-doctor-${randomBytes(6).toString('hex')}`)
  try {
    if (!(await stat(there)).isDirectory()) throw Object.assign(new Error('no folder'), { code: 'ENOTDIR' })
    const file = await open(probe, 'wx', OWNER_ONLY)
    try {
      await file.write('hongyan')
      await file.sync()
    } finally {
      await file.close()
    }
    return there === path
      ? ok(`${path} 可写`, `${path} can be written to`)
      : ok(`${path} 尚不存在,可以创建`, `${path} is not there yet, and can be made`)
  } catch (err) {
    return notWritable(path, codeOf(err))
  } finally {
    await rm(probe, { force: true }).catch(() => {})
  }
}

async function nearestThere(path: string): Promise<string> {
  const isThere = await access(path, constants.F_OK).then(
    () => true,
    () => false,
  )
  return isThere || dirname(path) === path ? path : nearestThere(dirname(path))
}

function notWritable(path: string, code: string): Symptom {
  const isFull = code === 'ENOSPC' || code === 'EDQUOT'
  const isReadOnly = code === 'EROFS'
  return problem(
    { zh: `${path} 不可写(${code})`, en: `${path} cannot be written to (${code})` },
    isFull
      ? { zh: '磁盘或配额已满:清理或扩容。', en: 'The disk or the quota is full: make room.' }
      : isReadOnly
        ? {
            zh: '它在只读的文件系统上:重新挂载为可写,或换一个目录。',
            en: 'It is on a read-only file system: mount it writable, or choose another folder.',
          }
        : {
            zh: '让运行服务器的用户拥有它(chown),或换一个目录。',
            en: 'Make the user who runs the server its owner (chown), or choose another folder.',
          },
  )
}

/** How much room is left where this folder is, or will be. */
export async function checkFreeDisk(folder: string): Promise<Symptom> {
  const path = resolve(folder)
  const { bavail, bsize } = await statfs(await nearestThere(path))
  const mebibytes = Math.floor((bavail * bsize) / MEBIBYTE)
  if (mebibytes >= LITTLE_MIB) return ok(`${path} 剩余 ${gib(mebibytes)}`, `${gib(mebibytes)} are free at ${path}`)
  const said = { zh: `${path} 仅剩 ${gib(mebibytes)}`, en: `only ${gib(mebibytes)} are free at ${path}` }
  const todo = {
    zh: '清理或扩容:磁盘写满时消息会被拒绝。',
    en: 'Make room: when the disk is full messages are refused.',
  }
  return mebibytes < NONE_MIB ? problem(said, todo) : warning(said, todo)
}

function gib(mebibytes: number): string {
  return `${(mebibytes / 1024).toFixed(1)} GiB`
}

/** Whether the store of files takes, gives and removes: with a few random bytes that are gone afterwards. */
export async function checkBlobStore(blobs: Blobs, place: string): Promise<Symptom> {
  const content = randomBytes(64)
  try {
    const draft = await blobs.receive(once(content), { maxBytes: content.length })
    await draft.keep()
    const isThere = await blobs.has(draft.hash)
    await blobs.delete(draft.hash)
    if (isThere) return ok(`${place}:可写、可读、可删`, `${place}: it takes, gives and removes`)
    return problem(
      { zh: `${place}:写入后读不到`, en: `${place}: what was written is not there` },
      { zh: '检查桶的读取权限。', en: 'Check the rights to read from the bucket.' },
    )
  } catch (err) {
    return explainNoStore(err, place)
  }
}

async function* once(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content
}

function explainNoStore(err: unknown, place: string): Symptom {
  const text = textsOf(err)
  const { zh, en, todo } = STORE_FAULTS.find(({ pattern }) => pattern.test(text)) ?? {
    zh: '不能使用',
    en: 'it cannot be used',
    todo: { zh: '检查 S3_ENDPOINT 与存储服务的日志。', en: "Check S3_ENDPOINT, and the store's log." },
  }
  return problem({ zh: `${place}:${zh}`, en: `${place}: ${en}` }, todo)
}

const STORE_FAULTS = [
  {
    pattern: /SignatureDoesNotMatch|InvalidAccessKeyId|answered 401|answered 403/,
    zh: '拒绝了密钥',
    en: 'it refuses the key',
    todo: {
      zh: '核对 S3_ACCESS_KEY、S3_SECRET_KEY 与 S3_REGION;密钥须能读写删该桶中的对象;本机时钟误差须小于 15 分钟。',
      en: "Check S3_ACCESS_KEY, S3_SECRET_KEY and S3_REGION; the key must read, write and delete objects; this machine's clock must be right within 15 minutes.",
    },
  },
  {
    pattern: /NoSuchBucket|answered 404/,
    zh: '没有这个桶',
    en: 'there is no such bucket',
    todo: { zh: '创建 S3_BUCKET 指定的桶。', en: 'Make the bucket that S3_BUCKET names.' },
  },
  {
    pattern: /STORE_FULL|ENOSPC/,
    zh: '已满',
    en: 'it is full',
    todo: { zh: '清理或扩容。', en: 'Make room.' },
  },
  {
    pattern: /ECONNREFUSED/,
    zh: '该端口上没有服务在监听',
    en: 'nothing listens there',
    todo: { zh: '启动存储服务;核对 S3_ENDPOINT 的端口。', en: 'Start the store; check the port in S3_ENDPOINT.' },
  },
  {
    pattern: /ENOTFOUND|EAI_AGAIN/,
    zh: '主机名无法解析',
    en: 'the host name is not known',
    todo: {
      zh: '检查 S3_ENDPOINT 中的主机名与本机 DNS。',
      en: 'Check the host in S3_ENDPOINT, and the DNS of this machine.',
    },
  },
  {
    pattern: /nothing has moved|ETIMEDOUT|EHOSTUNREACH/,
    zh: '没有回应',
    en: 'there is no answer',
    todo: { zh: '检查防火墙,以及存储服务是否卡住。', en: 'Check firewalls, and whether the store hangs.' },
  },
  {
    pattern: /CERT|certificate/,
    zh: 'TLS 证书不被信任',
    en: 'its TLS certificate is not trusted',
    todo: {
      zh: '用 NODE_EXTRA_CA_CERTS 指向签发它的 CA 证书。',
      en: 'Name the authority that signed it with NODE_EXTRA_CA_CERTS.',
    },
  },
] as const

/** Whether a file with a secret is there, and for its owner's eyes only. */
export async function checkSecretFile(
  path: string,
  what: { readonly zh: string; readonly en: string },
): Promise<Symptom> {
  try {
    const { mode } = await stat(path)
    await access(path, constants.R_OK)
    if (process.platform === 'win32' || (mode & OTHERS) === 0)
      return ok(`${what.zh} ${path} 仅所有者可读`, `${what.en} ${path} is for its owner only`)
    return problem(
      { zh: `${what.zh} ${path} 可被他人读取`, en: `${what.en} ${path} can be read by others` },
      { zh: `执行:chmod 600 ${path}`, en: `Run: chmod 600 ${path}` },
    )
  } catch (err) {
    return problem(
      { zh: `${what.zh} ${path} 无法读取(${codeOf(err)})`, en: `${what.en} ${path} cannot be read (${codeOf(err)})` },
      { zh: '核对路径与权限。', en: 'Check the path and its rights.' },
    )
  }
}

export async function isFileThere(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
}

function textsOf(err: unknown): string {
  if (!(err instanceof Error)) return ''
  const code = 'code' in err && typeof err.code === 'string' ? err.code : ''
  const own = err instanceof AggregateError ? err.errors.map(textsOf).join(' ') : ''
  return `${code} ${err.message} ${own} ${textsOf(err.cause)}`
}

function codeOf(err: unknown): string {
  return err instanceof Error && 'code' in err && typeof err.code === 'string' ? err.code : 'unknown'
}
