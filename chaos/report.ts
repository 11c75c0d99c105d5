import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { dirname, join } from 'node:path'
import { percentile } from './rig/measure.ts'
import type { Outcome } from './run.ts'

interface ReportOptions {
  readonly command: string
  readonly seed: number
  /** Where the page goes; beside the records if undefined. */
  readonly path: string | undefined
}

/** Writes the report as a page and as JSON; returns where they are. */
export function writeReport(outcome: Outcome, options: ReportOptions): readonly string[] {
  const page = options.path ?? join(outcome.folder, 'report.md')
  const data = page.replace(/\.md$/, '.json')
  mkdirSync(dirname(page), { recursive: true })
  writeFileSync(page, pageOf(outcome, options))
  writeFileSync(data, `${JSON.stringify(dataOf(outcome, options), undefined, 1)}\n`)
  return [page, data]
}

function dataOf({ evidence, judgements, failures, seconds }: Outcome, { command, seed }: ReportOptions): object {
  const { run, sent, recalls, edits, faults, caughtUp, rewinds, incidents, checkpoints } = evidence
  return {
    seed,
    command,
    startedAt: run.startedAt,
    seconds: Math.round(seconds),
    failures,
    counts: { acknowledged: sent.length, recalls: recalls.length, edits: edits.length, devices: run.devices.length },
    judgements,
    faults,
    caughtUp: caughtUp.map(({ behind, ...rest }) => ({ ...rest, behind: behind.length })),
    rewinds,
    incidents,
    checkpoints,
  }
}

function pageOf(outcome: Outcome, { command, seed }: ReportOptions): string {
  const { evidence, judgements, failures, seconds } = outcome
  const { run, sent, recalls, edits, faults, caughtUp } = evidence
  const felt = faults.filter(({ effect, skipped }) => effect > 0 && skipped === undefined)
  const slowest = caughtUp.map(({ maxMs }) => maxMs).sort((a, b) => a - b)
  return `# Chaos run, seed ${seed}

${failures.length === 0 ? '**All promises held.**' : '**Promises were broken:**'}
${failures.map((failure) => `\n- ${failure}`).join('')}

- Command: \`${command}\`
- Started ${run.startedAt}, ${Math.round(seconds)} s, ${cpus().length} cores
- ${sent.length} acknowledged messages, ${recalls.length} recalls, ${edits.length} edits, ${run.devices.length} devices
- ${faults.length} faults, ${felt.length} of them felt
- After healing everybody had everything within ${slowest.at(-1) ?? 0} ms (median of the slowest devices ${percentile(slowest, 0.5)} ms)

## Promises

| promise | what | judged | violations |
| ------- | ---- | -----: | ---------: |
${judgements.map(({ id, promise, judged, violations }) => `| ${id} | ${promise} | ${judged} | ${violations} |`).join('\n')}

## Faults

Felt by: requests refused or repeated, connections lost, answers and news that took longer than a second. Latencies are of
the time from injecting to everybody having everything again; they say what the machine was, and are judged by nobody.

| # | row | felt by | s | acknowledged | ack p50 / p99 / max ms | news p99 ms | notes |
| -: | --- | ------: | -: | -----------: | ---------------------: | ----------: | ----- |
${faults.map(rowOf).join('\n')}
${goalsOf(outcome)}`
}

function rowOf(fault: Outcome['evidence']['faults'][number]): string {
  const { number, id, effect, fromMs, healedMs, latency, notes, skipped } = fault
  const { acked, p50Ms, p99Ms, maxMs, deliveryP99Ms } = latency
  const said = skipped === undefined ? notes.join('; ') : `skipped: ${skipped}`
  const seconds = ((healedMs - fromMs) / 1000).toFixed(1)
  return `| ${number} | ${id} | ${effect} | ${seconds} | ${acked} | ${p50Ms} / ${p99Ms} / ${maxMs} | ${deliveryP99Ms} | ${said} |`
}

/** Times and numbers of the matrix, which depend on the machine. */
function goalsOf({ evidence }: Outcome): string {
  const goals = evidence.faults.flatMap(({ id, goals: some }) => some.map((goal) => ({ id, ...goal })))
  if (goals.length === 0) return ''
  const worst = new Map<string, (typeof goals)[number]>()
  for (const goal of goals) {
    const key = `${goal.id} ${goal.what}`
    if ((worst.get(key)?.got ?? -1) < goal.got) worst.set(key, goal)
  }
  const rows = [...worst.values()].map(({ id, what, goal, got }) => {
    return `| ${id} | ${what} | ${goal} | ${got} | ${got <= goal ? 'met' : 'missed'} |`
  })
  return `
## Goals of the matrix that depend on the machine (the worst of the run)

| row | what | goal | got | |
| --- | ---- | ---: | --: | - |
${rows.join('\n')}
`
}
