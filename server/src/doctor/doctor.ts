import type { Clock } from '../kit/clock.ts'
import { problem, type Finding, type Symptom } from './finding.ts'

/** A look at one part. */
export interface Check {
  readonly name: string
  /** Ends what it has begun when the signal aborts. */
  readonly look: (signal: AbortSignal) => Promise<readonly Symptom[]>
}

/** All checks side by side, each within its deadline; an error of a check is a problem found. Never rejects. */
export async function examine(
  checks: readonly Check[],
  { clock, deadlineMs }: { readonly clock: Clock; readonly deadlineMs: number },
): Promise<readonly Finding[]> {
  const found = await Promise.all(
    checks.map(async ({ name, look }) => {
      const symptoms = await within(deadlineMs, clock, look)
      return symptoms.map((symptom): Finding => ({ check: name, ...symptom }))
    }),
  )
  return found.flat()
}

/** 0 all is well, 1 there are warnings, 2 there are problems. */
export function exitCodeOf(findings: readonly Finding[]): 0 | 1 | 2 {
  if (findings.some(({ status }) => status === 'problem')) return 2
  return findings.some(({ status }) => status === 'warning') ? 1 : 0
}

async function within(deadlineMs: number, clock: Clock, look: Check['look']): Promise<readonly Symptom[]> {
  const abort = new AbortController()
  let cancel = (): void => {}
  const late = new Promise<readonly Symptom[]>((resolve) => {
    cancel = clock.after(deadlineMs, () => resolve([tooLate(deadlineMs)]))
  })
  try {
    return await Promise.race([look(abort.signal), late])
  } catch (err) {
    return [failed(err)]
  } finally {
    cancel()
    abort.abort()
  }
}

function tooLate(deadlineMs: number): Symptom {
  return problem(
    { zh: `检查在 ${deadlineMs / 1000} 秒内没有完成`, en: `the check did not end within ${deadlineMs / 1000} s` },
    {
      zh: '对方接受连接却不回答:检查其负载、防火墙与中间的代理。',
      en: 'The other side accepts and does not answer: look at its load, at firewalls and at proxies in between.',
    },
  )
}

function failed(err: unknown): Symptom {
  const text = err instanceof Error ? err.message.replaceAll(/\s+/g, ' ') : 'unknown'
  return problem(
    { zh: `检查本身失败:${text}`, en: `the check itself failed: ${text}` },
    { zh: '请把这一行报告给维护者。', en: 'Report this line to the maintainers.' },
  )
}
