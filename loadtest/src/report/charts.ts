import { escaped } from './markup.ts'

/** A line of a chart: what it is called, its colour's name in the page's style, and its values by x. */
export interface Line {
  readonly name: string
  readonly colour: 'one' | 'two' | 'three'
  readonly points: readonly { readonly x: number; readonly y: number | undefined }[]
  readonly isFilled?: boolean
}

export interface LineChart {
  readonly lines: readonly Line[]
  /** From where to where something is marked. */
  readonly bands: readonly { readonly from: number; readonly to: number }[]
  readonly format: (value: number) => string
  /** Each line of the grid ten times the one before. */
  readonly isLogarithmic?: boolean
}

const [WIDTH, HEIGHT] = [720, 190]
const INSET = { left: 58, right: 12, top: 10, bottom: 26 }

/** Values over the seconds of a run. */
export function lineChart({ lines, bands, format, isLogarithmic = false }: LineChart): string {
  const xs = lines.flatMap(({ points }) => points.map(({ x }) => x))
  const ys = lines.flatMap(({ points }) => points.flatMap(({ y }) => (y === undefined ? [] : [y])))
  if (xs.length === 0 || ys.length === 0) return ''
  const [fromX, toX] = [Math.min(...xs), Math.max(...xs)]
  const ticks = isLogarithmic ? decades(ys) : evenTicks(Math.max(...ys))
  const [low = 0, high = 1] = [ticks[0], ticks.at(-1)]
  const x = scale([fromX, Math.max(toX, fromX + 1)], [INSET.left, WIDTH - INSET.right])
  const flat = scale(isLogarithmic ? [Math.log(low), Math.log(high)] : [low, high], [HEIGHT - INSET.bottom, INSET.top])
  const y = (value: number): number => flat(isLogarithmic ? Math.log(Math.max(low, value)) : value)
  return svg('course', WIDTH, HEIGHT, [
    ...bands.map(({ from, to }) =>
      rect('band', x(from), INSET.top, x(to) - x(from), HEIGHT - INSET.top - INSET.bottom),
    ),
    ...ticks.map(
      (tick) =>
        `<line class="grid" x1="${INSET.left}" x2="${WIDTH - INSET.right}" y1="${n(y(tick))}" y2="${n(y(tick))}"/>` +
        `<text class="tick" text-anchor="end" x="${INSET.left - 6}" y="${n(y(tick) + 4)}">${escaped(format(tick))}</text>`,
    ),
    ...xTicks(fromX, toX).map(
      (tick) => `<text class="tick" text-anchor="middle" x="${n(x(tick))}" y="${HEIGHT - 8}">${tick} s</text>`,
    ),
    ...lines.map((line) => pathOf(line, x, y, HEIGHT - INSET.bottom)),
    ...hints(lines, x, format),
  ])
}

/** How often what took how long; x grows by the same factor from bar to bar. */
export function barChart(
  bars: readonly { readonly fromMs: number; readonly toMs: number; readonly count: number }[],
  marks: readonly { readonly name: string; readonly ms: number }[],
  format: (ms: number) => string,
): string {
  const [width, height] = [350, 160]
  const inset = { left: 8, right: 8, top: 34, bottom: 22 }
  const most = Math.max(1, ...bars.map((bar) => bar.count))
  const [fromMs, toMs] = [bars[0]?.fromMs ?? 0.001, bars.at(-1)?.toMs ?? 1]
  // A single value has a width, too.
  const [low, high] = toMs / fromMs < 4 ? [fromMs / 2, toMs * 2] : [fromMs, toMs]
  const flat = scale([Math.log(low), Math.log(high)], [inset.left, width - inset.right])
  const x = (ms: number): number => flat(Math.log(Math.min(high, Math.max(low, ms))))
  const y = scale([0, most], [height - inset.bottom, inset.top])
  const shownTicks = [0.001, 0.01, 0.1, 1, 10, 100, 1000, 10_000, 100_000].filter((ms) => ms >= low && ms <= high)
  return svg('spread', width, height, [
    `<line class="grid" x1="${inset.left}" x2="${width - inset.right}" y1="${height - inset.bottom}" y2="${height - inset.bottom}"/>`,
    ...bars.map(({ fromMs: from, toMs: to, count }) => {
      const bar = rect('bar', x(from) + 0.5, y(count), Math.max(1, x(to) - x(from) - 1), y(0) - y(count))
      return `<g>${bar}<title>${escaped(`${format(from)} – ${format(to)}: ${count.toLocaleString('en')}`)}</title></g>`
    }),
    ...shownTicks.map((ms) => {
      const anchor = x(ms) > width - 24 ? 'end' : x(ms) < 24 ? 'start' : 'middle'
      return `<text class="tick" text-anchor="${anchor}" x="${n(x(ms))}" y="${height - 6}">${escaped(format(ms))}</text>`
    }),
    ...marks.map(({ name, ms }, index) => {
      const anchor = x(ms) > width * 0.75 ? 'end' : 'start'
      const shift = anchor === 'end' ? -4 : 4
      return (
        `<line class="mark" x1="${n(x(ms))}" x2="${n(x(ms))}" y1="${6 + index * 2}" y2="${height - inset.bottom}"/>` +
        `<text class="mark-name" text-anchor="${anchor}" x="${n(x(ms) + shift)}" y="${13 + index * 13}">${escaped(name)}</text>`
      )
    }),
  ])
}

type Scale = (value: number) => number

function scale([from, to]: readonly [number, number], [start, end]: readonly [number, number]): Scale {
  const factor = to === from ? 0 : (end - start) / (to - from)
  return (value) => start + (value - from) * factor
}

function svg(name: string, width: number, height: number, parts: readonly string[]): string {
  return `<svg class="${name}" viewBox="0 0 ${width} ${height}" role="img">${parts.join('')}</svg>`
}

function rect(name: string, x: number, y: number, width: number, height: number): string {
  return `<rect class="${name}" x="${n(x)}" y="${n(y)}" width="${n(Math.max(0, width))}" height="${n(Math.max(0, height))}"/>`
}

/** Where there is no value the line has a gap; a value alone is a dot. */
function pathOf({ colour, points, isFilled = false }: Line, x: Scale, y: Scale, floor: number): string {
  const runs: { x: number; y: number }[][] = [[]]
  for (const point of points) {
    if (point.y === undefined) runs.push([])
    else runs.at(-1)?.push({ x: x(point.x), y: y(point.y) })
  }
  return runs
    .filter((run) => run.length > 0)
    .map((run) => {
      const [first, last] = [run[0], run.at(-1)]
      if (!first || !last) return ''
      if (run.length === 1) return `<circle class="dot ${colour}" cx="${n(first.x)}" cy="${n(first.y)}" r="2.5"/>`
      const drawn = run.map((point) => `${n(point.x)} ${n(point.y)}`).join('L')
      const area = isFilled
        ? `<path class="area ${colour}" d="M${n(first.x)} ${n(floor)}L${drawn}L${n(last.x)} ${n(floor)}Z"/>`
        : ''
      return `${area}<path class="line ${colour}" d="M${drawn}"/>`
    })
    .join('')
}

/** What a mouse over a second reads. */
function hints(lines: readonly Line[], x: Scale, format: (value: number) => string): readonly string[] {
  const [first] = lines
  if (!first) return []
  const step = first.points.length > 1 ? x(first.points[1]?.x ?? 1) - x(first.points[0]?.x ?? 0) : 10
  return first.points.map((point, index) => {
    const said = lines.flatMap(({ name, points }) => {
      const value = points[index]?.y
      return value === undefined ? [] : [`${name} ${format(value)}`]
    })
    const area = rect('hint', x(point.x) - step / 2, INSET.top, step, HEIGHT - INSET.top - INSET.bottom)
    return `<g>${area}<title>${escaped([`${point.x} s`, ...said].join(' · '))}</title></g>`
  })
}

/** Four or five round values from 0 on, the last not below the greatest. */
function evenTicks(most: number): readonly number[] {
  const rough = Math.max(most, 1) / 4
  const size = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * size).find((value) => value >= rough) ?? rough
  return Array.from({ length: Math.ceil(Math.max(most, 1) / step) + 1 }, (_, index) => index * step)
}

function decades(values: readonly number[]): readonly number[] {
  const positive = values.filter((value) => value > 0)
  const from = Math.floor(Math.log10(Math.min(...positive, 1000)))
  const to = Math.max(from + 1, Math.ceil(Math.log10(Math.max(...positive, 0.01))))
  return Array.from({ length: to - from + 1 }, (_, index) => 10 ** (from + index))
}

function xTicks(from: number, to: number): readonly number[] {
  const step = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600].find((one) => (to - from) / one <= 9) ?? 7200
  const first = Math.ceil(from / step) * step
  return Array.from({ length: Math.floor((to - first) / step) + 1 }, (_, index) => first + index * step)
}

function n(value: number): string {
  return value.toFixed(1).replace(/\.0$/, '')
}
