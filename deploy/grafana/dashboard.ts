import type { Panel, Row } from './panels.ts'

const WIDTH = 24
const STAT = { w: 4, h: 4 }
const GRAPH = { w: 8, h: 8 }
const SOURCE = { type: 'prometheus', uid: 'prometheus' }

/** A dashboard as Grafana imports it. The same panels give the same text. */
export function dashboardOf(title: string, uid: string, rows: readonly Row[]): unknown {
  const panels: unknown[] = []
  let y = 0
  for (const row of rows) {
    panels.push({
      type: 'row',
      title: row.title,
      id: panels.length + 1,
      collapsed: false,
      gridPos: { x: 0, y, w: WIDTH, h: 1 },
    })
    y += 1
    const size = row.panels[0]?.kind === 'stat' ? STAT : GRAPH
    const perLine = WIDTH / size.w
    for (const [index, panel] of row.panels.entries()) {
      const gridPos = { x: (index % perLine) * size.w, y: y + Math.floor(index / perLine) * size.h, ...size }
      panels.push({ id: panels.length + 1, gridPos, ...panelOf(panel) })
    }
    y += Math.ceil(row.panels.length / perLine) * size.h
  }
  return {
    uid,
    title,
    tags: ['hongyan'],
    schemaVersion: 39,
    editable: false,
    graphTooltip: 1,
    refresh: '10s',
    time: { from: 'now-1h', to: 'now' },
    timezone: 'browser',
    panels,
  }
}

function panelOf({ title, kind, unit, help, queries, thresholds }: Panel): object {
  const steps = [
    { color: 'green', value: null },
    ...(thresholds
      ? [
          { color: 'yellow', value: thresholds[0] },
          { color: 'red', value: thresholds[1] },
        ]
      : []),
  ]
  return {
    type: kind,
    title,
    description: help,
    datasource: SOURCE,
    targets: queries.map(([expr, legendFormat], index) => ({
      refId: String.fromCodePoint(65 + index),
      datasource: SOURCE,
      expr,
      legendFormat,
    })),
    fieldConfig: {
      defaults: {
        unit,
        min: 0,
        thresholds: { mode: 'absolute', steps },
        ...(kind === 'stat' ? {} : { custom: { fillOpacity: 8 } }),
      },
      overrides: [],
    },
    options:
      kind === 'stat' ? { colorMode: 'background', graphMode: 'area', reduceOptions: { calcs: ['lastNotNull'] } } : {},
  }
}
