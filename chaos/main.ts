import { rmSync } from 'node:fs'
import { checkFolder } from './checkers/check.ts'
import { mixable, SCENARIOS } from './faults/all.ts'
import { BadCommand, parseTask, USAGE, type RunOptions, type Task } from './options.ts'
import { writeReport } from './report.ts'
import { failuresIn, runFaults, runMix, type Outcome, type Session } from './run.ts'

// npm run chaos: breaks a cluster of real processes in every way of the matrix, and proves that nothing was lost.

function say(line: string): void {
  console.log(line)
}

async function carryOut(task: Task): Promise<boolean> {
  if (task.kind === 'help') {
    say(USAGE)
    return true
  }
  if (task.kind === 'list') {
    for (const { id, what, isMixable } of SCENARIOS) say(`${id}  ${isMixable ? 'mix' : '   '}  ${what}`)
    say('F-25       a random mix of those marked: --short, --long')
    for (const { id, what } of mixable('one')) say(`${id}  one  ${what}`)
    return true
  }
  if (task.kind === 'check') {
    const { evidence, judgements } = await checkFolder(task.folder)
    for (const { id, promise, judged, violations, examples } of judgements) {
      say(`${id.padEnd(4)} ${promise}: ${judged} judged, ${violations} violations`)
      for (const example of examples) say(`     ${example}`)
    }
    return failuresIn(evidence, judgements).length === 0
  }
  const { run } = task
  const session: Session = { run, say, command: replay(task) }
  const outcome =
    task.kind === 'faults' ? await runFaults(session, task.ids, task.isBrief) : await runMix(session, task.mix)
  return conclude(outcome, session)
}

function conclude(outcome: Outcome, { run, command }: Session): boolean {
  const { failures, folder, judgements, seconds, evidence } = outcome
  const paths = writeReport(outcome, { command, seed: run.seed, path: run.report })
  for (const { id, judged, violations } of judgements) say(`${id.padEnd(4)} ${judged} judged, ${violations} violations`)
  say(
    `${evidence.sent.length} acknowledged, ${evidence.faults.length} faults, ${seconds.toFixed(0)} s; ${paths.join(', ')}`,
  )
  if (failures.length === 0) {
    if (!run.keeps && run.folder === undefined && run.report !== undefined)
      rmSync(folder, { recursive: true, force: true })
    return true
  }
  for (const failure of failures) say(`FAILED ${failure}`)
  say(`the same again: ${command}`)
  say(`the records are in ${folder}; the checkers again on them: npm run chaos -- --check ${folder}`)
  return false
}

/** The command that does the same again. */
function replay(task: Extract<Task, { run: RunOptions }>): string {
  const { seed, scale, workers, topology } = task.run
  const how = [
    `--seed ${seed} --rate ${scale.rate} --users ${scale.users} --pairs ${scale.pairs} --groups ${scale.groups}`,
    `--max-members ${scale.maxMembers} --group-share ${scale.groupShare} --workers ${workers}${topology === 'one' ? ' --one' : ''}`,
  ].join(' ')
  if (task.kind === 'faults')
    return `npm run chaos -- --fault ${task.ids.join(',')}${task.isBrief ? ' --brief' : ''} ${how}`
  const { name, faults, messages, faultsPerCheckpoint } = task.mix
  return `npm run chaos -- --${name} ${how} --faults ${faults} --messages ${messages} --per-checkpoint ${faultsPerCheckpoint}`
}

// A run that is broken off leaves nothing running: the rig ends its processes when this one exits.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

try {
  const isFine = await carryOut(parseTask(process.argv.slice(2)))
  // Everything is closed by now. Sockets that were reset at a bad moment keep Node 20 from ending by itself.
  process.exit(isFine ? 0 : 1)
} catch (err) {
  const isOurs = err instanceof Error && !(err instanceof BadCommand)
  console.error(isOurs ? (err.stack ?? err.message) : String(err instanceof Error ? err.message : err))
  process.exit(2)
}
