import { readFileSync } from 'node:fs'
import { ok, problem, warning, type Symptom } from './finding.ts'

const MIN_NODE = [20, 19] as const
/** Files and sockets a server has besides its connections. */
const OTHER_FILES = 200

/** Whether this Node is new enough, and may hold as many connections as the settings promise. */
export function checkMachine(
  nodeVersion: string,
  maxConnections: number,
  openFilesLimit: number | undefined,
): readonly Symptom[] {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number)
  const isNewEnough = major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1])
  const wanted = maxConnections + OTHER_FILES
  return [
    isNewEnough
      ? ok(`Node ${nodeVersion}`, `Node ${nodeVersion}`)
      : problem(
          { zh: `Node ${nodeVersion} 太旧`, en: `Node ${nodeVersion} is too old` },
          { zh: `需要 Node ${MIN_NODE.join('.')} 或更新版本。`, en: `Node ${MIN_NODE.join('.')} or newer is needed.` },
        ),
    ...(openFilesLimit === undefined || openFilesLimit >= wanted
      ? []
      : [
          warning(
            {
              zh: `本进程最多打开 ${openFilesLimit} 个文件,不够 MAX_CONNECTIONS=${maxConnections}`,
              en: `a process may have ${openFilesLimit} open files, too few for MAX_CONNECTIONS=${maxConnections}`,
            },
            {
              zh: `ulimit -n ${wanted}(systemd:LimitNOFILE=${wanted}),或调小 MAX_CONNECTIONS。`,
              en: `ulimit -n ${wanted} (systemd: LimitNOFILE=${wanted}), or lower MAX_CONNECTIONS.`,
            },
          ),
        ]),
  ]
}

/** How many files a process started from here may open; undefined where the system does not say. */
export function readOpenFilesLimit(): number | undefined {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return soft === undefined ? undefined : Number(soft)
  } catch {
    return undefined
  }
}
