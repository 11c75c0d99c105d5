import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Played } from '../run/run-scenario.ts'
import { pageOf } from './page.ts'
import { reportOf, type Report } from './report.ts'

/** Writes the report of a run as JSON and as a page; gives back both paths. */
export function writeReport(
  played: Played,
  folder: string,
): { readonly report: Report; readonly paths: readonly string[] } {
  const report = reportOf(played)
  mkdirSync(folder, { recursive: true })
  const base = join(folder, `${report.scenario.name}-${report.settings.run}`)
  writeFileSync(`${base}.json`, JSON.stringify(report, null, 1))
  writeFileSync(`${base}.html`, pageOf(report))
  return { report, paths: [`${base}.html`, `${base}.json`] }
}
