import { format } from 'prettier'
import { METRICS } from '../server/src/metrics/catalogue.ts'
import type { MetricSpec } from '../server/src/metrics/metric-spec.ts'

/** The document with the table of all metrics, between these markers. */
export const METRICS_PATH = 'docs/OPERATIONS.md'
export const METRICS_BEGIN = '<!-- metrics:begin (written by npm run env:docs) -->'
export const METRICS_END = '<!-- metrics:end -->'

/** Every metric of `/metrics`, in the order of the catalogue. */
export function metricTable(): Promise<string> {
  const rows = Object.values<MetricSpec>(METRICS).map(({ name, kind, labels, help }) => [
    `\`${name}\``,
    labels.length === 0 ? kind : `${kind} by ${labels.map((label) => `\`${label}\``).join(', ')}`,
    help,
  ])
  const cells = ['Metric', 'Kind', 'Meaning']
  const lines = [cells, cells.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`)
  return format(lines.join('\n'), { parser: 'markdown' })
}
