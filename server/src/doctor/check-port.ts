import { createServer } from 'node:net'
import { ok, problem, warning, type Symptom } from './finding.ts'

const ANSWER_WITHIN_MS = 3_000

interface Part {
  readonly status: string
  readonly why?: string
}

/** Whether the port is free for the server, or taken by a server of ours that is well. */
export async function checkPort(host: string, port: number): Promise<readonly Symptom[]> {
  if (port === 0) return [ok('PORT=0:启动时自动选择端口', 'PORT=0: a free port is chosen at the start')]
  const code = await tryToListen(host, port)
  if (code === undefined)
    return [ok(`端口 ${port} 空闲:服务器没有在运行`, `port ${port} is free: the server is not running`)]
  if (code === 'EADDRINUSE') return askWhoIsThere(host, port)
  if (code === 'EACCES') {
    return [
      problem(
        { zh: `此用户不能监听端口 ${port}`, en: `this user may not listen on port ${port}` },
        {
          zh: '选用 1023 以上的 PORT,由反向代理转发。',
          en: 'Choose a PORT above 1023, and let a proxy pass on to it.',
        },
      ),
    ]
  }
  return [
    problem(
      { zh: `不能监听 ${host}:${port}(${code})`, en: `cannot listen on ${host}:${port} (${code})` },
      { zh: '核对 HOST:它必须是本机的地址。', en: 'Check HOST: it must be an address of this machine.' },
    ),
  ]
}

function tryToListen(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (err) => resolve('code' in err ? String(err.code) : err.message))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}

async function askWhoIsThere(host: string, port: number): Promise<readonly Symptom[]> {
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host
  const parts = await readParts(`http://${name}:${port}/readyz`)
  if (parts === 'silent') {
    return [
      problem(
        {
          zh: `端口 ${port} 上的程序不回答:可能是卡住的服务器`,
          en: `what listens on port ${port} does not answer: perhaps a server that hangs`,
        },
        { zh: '查看它的日志;必要时重启。', en: 'Look into its log; start it again if need be.' },
      ),
    ]
  }
  if (parts === 'stranger') {
    return [
      problem(
        { zh: `端口 ${port} 被别的程序占用`, en: `port ${port} is taken by another program` },
        { zh: '换一个 PORT,或停掉那个程序。', en: 'Choose another PORT, or stop that program.' },
      ),
    ]
  }
  const found = Object.entries(parts).filter(([, { status }]) => status !== 'ok')
  if (found.length === 0)
    return [ok(`服务器正在端口 ${port} 上运行,一切就绪`, `the server runs on port ${port}, and is ready`)]
  return found.map(([part, { status, why = '' }]) => {
    const said = {
      zh: `运行中的服务器:${part} ${status === 'failed' ? '未就绪' : '降级'}(${why})`,
      en: `the running server: ${part} is ${status === 'failed' ? 'not ready' : 'degraded'} (${why})`,
    }
    const todo = { zh: '见其他各项检查与服务器日志。', en: "See the other checks, and the server's log." }
    return status === 'failed' ? problem(said, todo) : warning(said, todo)
  })
}

async function readParts(url: string): Promise<Readonly<Record<string, Part>> | 'stranger' | 'silent'> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })
    const body: unknown = await answer.json()
    const parts: unknown = typeof body === 'object' && body !== null && 'parts' in body ? body.parts : undefined
    return isParts(parts) ? parts : 'stranger'
  } catch (err) {
    return err instanceof Error && err.name === 'TimeoutError' ? 'silent' : 'stranger'
  }
}

function isParts(value: unknown): value is Readonly<Record<string, Part>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((part: unknown) => typeof part === 'object' && part !== null && 'status' in part)
  )
}
