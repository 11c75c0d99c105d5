import { WxFailure, type Run } from './calls.ts'
import { decodeBytes, encodeBytes } from './encodings.ts'
import { fileFailure, USER_DATA_PATH, type Files } from './files.ts'
import { isTrue, textIn, type Options } from './options.ts'
import type { WxParts } from './parts.ts'

const MAX_FILE_BYTES = 100 * 1024 * 1024

/** getFileSystemManager, and the older saveFile family. */
export function createFileSystem({ calls, files }: WxParts): Readonly<Record<string, unknown>> {
  const operations = createOperations(files)
  const manager: Record<string, unknown> = {}
  for (const [name, { run, order }] of Object.entries(operations)) {
    manager[name] = calls.async(name, run)
    manager[`${name}Sync`] = (...args: readonly unknown[]) =>
      calls.sync(`${name}Sync`, () => {
        const options = Object.fromEntries(order.map((key, index) => [key, args[index]]))
        return syncResult(name, run(options))
      })
  }
  const old = ['saveFile', 'removeSavedFile', 'getSavedFileList', 'getFileInfo'] as const
  return {
    getFileSystemManager: () => manager,
    ...Object.fromEntries(old.map((name) => [name, manager[name]])),
  }
}

interface Operation {
  /** Names of the synchronous twin's arguments. */
  readonly order: readonly string[]
  readonly run: (options: Options) => object | void
}

/** The synchronous functions give the one thing itself. */
function syncResult(name: string, result: object | void): unknown {
  const key = { readFile: 'data', stat: 'stats', readdir: 'files', saveFile: 'savedFilePath' }[name]
  return key === undefined || result === undefined ? undefined : (result as Options)[key]
}

function createOperations(files: Files): Readonly<Record<string, Operation & { run: Run }>> {
  const path = (options: Options, key = 'filePath'): string => {
    const given = textIn(options, key)
    if (given === undefined) throw new WxFailure(`parameter error: parameter.${key} should be String`)
    return given
  }
  const ours = (given: string): string => {
    if (!given.startsWith(USER_DATA_PATH)) throw new WxFailure(`permission denied, open ${given}`, 1_300_013)
    return given
  }
  const put = (given: string, bytes: Uint8Array<ArrayBuffer>): void => {
    if (bytes.byteLength > MAX_FILE_BYTES) throw new WxFailure('the maximum size of the file storage limit is exceeded')
    files.write(ours(given), bytes)
  }
  return {
    readFile: {
      order: ['filePath', 'encoding', 'position', 'length'],
      run: (options) => {
        const bytes = files.read(path(options))
        const from = Number(options['position'] ?? 0)
        const end = options['length'] === undefined ? undefined : from + Number(options['length'])
        return { data: decodeBytes(bytes.slice(from, end), textIn(options, 'encoding')) }
      },
    },
    writeFile: {
      order: ['filePath', 'data', 'encoding'],
      run: (options) => put(path(options), encodeBytes(options['data'], textIn(options, 'encoding'))),
    },
    appendFile: {
      order: ['filePath', 'data', 'encoding'],
      run: (options) => {
        const before = files.read(path(options))
        const more = encodeBytes(options['data'], textIn(options, 'encoding'))
        const bytes = new Uint8Array(before.length + more.length)
        bytes.set(before)
        bytes.set(more, before.length)
        put(path(options), bytes)
      },
    },
    access: {
      order: ['path'],
      run: (options) => {
        const given = path(options, 'path')
        if (!files.has(given) && !files.isDirectory(given)) throw fileFailure('no such file or directory', given)
      },
    },
    unlink: { order: ['filePath'], run: (options) => files.remove(path(options)) },
    copyFile: {
      order: ['srcPath', 'destPath'],
      run: (options) => put(path(options, 'destPath'), files.read(path(options, 'srcPath'))),
    },
    rename: {
      order: ['oldPath', 'newPath'],
      run: (options) => {
        put(path(options, 'newPath'), files.read(path(options, 'oldPath')))
        files.remove(path(options, 'oldPath'))
      },
    },
    mkdir: {
      order: ['dirPath', 'recursive'],
      run: (options) => {
        const given = path(options, 'dirPath')
        if (files.isDirectory(given) && !isTrue(options, 'recursive')) throw fileFailure('file already exists', given)
        files.makeDirectory(ours(given))
      },
    },
    rmdir: {
      order: ['dirPath', 'recursive'],
      run: (options) => {
        const given = path(options, 'dirPath')
        const inside = files.list(`${given}/`)
        if (!files.isDirectory(given)) throw fileFailure('no such file or directory', given)
        if (inside.length > 0 && !isTrue(options, 'recursive')) throw fileFailure('directory not empty', given)
        for (const file of inside) files.remove(file)
        files.removeDirectory(given)
      },
    },
    readdir: {
      order: ['dirPath'],
      run: (options) => {
        const given = path(options, 'dirPath').replace(/\/+$/, '')
        if (!files.isDirectory(given)) throw fileFailure('no such file or directory', given)
        const names = files.list(`${given}/`).map((file) => file.slice(given.length + 1).split('/')[0])
        return { files: [...new Set(names)] }
      },
    },
    stat: {
      order: ['path'],
      run: (options) => {
        const given = path(options, 'path')
        const isDirectory = files.isDirectory(given)
        const { size, modifiedAtMs } = isDirectory ? { size: 0, modifiedAtMs: 0 } : files.stat(given)
        const at = Math.floor(modifiedAtMs / 1000)
        const kind = { isFile: () => !isDirectory, isDirectory: () => isDirectory }
        return { stats: { mode: 33188, size, lastAccessedTime: at, lastModifiedTime: at, ...kind } }
      },
    },
    ...savedFiles(files, path),
  }
}

function savedFiles(
  files: Files,
  path: (options: Options, key?: string) => string,
): Readonly<Record<string, Operation & { run: Run }>> {
  const isSaved = (file: string): boolean => file.startsWith('wxfile://store_')
  return {
    saveFile: {
      order: ['tempFilePath', 'filePath'],
      run: (options) => {
        const from = path(options, 'tempFilePath')
        const bytes = files.read(from)
        const to = textIn(options, 'filePath') ?? from.replace('wxfile://tmp_', 'wxfile://store_')
        files.write(to, bytes)
        files.remove(from)
        return { savedFilePath: to }
      },
    },
    removeSavedFile: { order: ['filePath'], run: (options) => files.remove(path(options)) },
    getSavedFileList: {
      order: [],
      run: () => ({
        fileList: files.list('wxfile://').flatMap((file) => {
          if (!isSaved(file)) return []
          const { size, modifiedAtMs } = files.stat(file)
          return [{ filePath: file, size, createTime: Math.floor(modifiedAtMs / 1000) }]
        }),
      }),
    },
    getFileInfo: {
      order: ['filePath'],
      run: async (options) => {
        const bytes = files.read(path(options))
        const digest = await crypto.subtle.digest('SHA-1', bytes).catch(() => new ArrayBuffer(0))
        return { size: bytes.byteLength, digest: decodeBytes(new Uint8Array(digest), 'hex') }
      },
    },
  }
}
