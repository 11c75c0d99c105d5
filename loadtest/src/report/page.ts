import { TIMED, type Distribution, type Timed } from '../measure/meter.ts'
import type { Row } from '../run/conductor.ts'
import { barChart, lineChart, type Line } from './charts.ts'
import { both, bytes, count, escaped, time, words } from './markup.ts'
import { SCRIPT, STYLE } from './page-style.ts'
import type { Report } from './report.ts'
import { LEDGER_WORDS, REASON_WORDS, TIMED_WORDS } from './vocabulary.ts'

/** The report as one file that needs nothing else: Chinese first, English by a switch, light and dark. */
export function pageOf(report: Report): string {
  const { scenario } = report
  return `<!doctype html>
<html lang="zh-CN" data-lang="zh" data-theme="light">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>鸿雁压力测试报告 · ${escaped(scenario.title.zh)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${headOf(report)}
${verdictOf(report)}
${cardsOf(report)}
${ledgerOf(report)}
${courseOf(report)}
${latenciesOf(report)}
${connectionsOf(report)}
${settingsOf(report)}
${notesOf(report)}
</main>
<script>${SCRIPT}</script>
</body>
</html>
`
}

function headOf({ scenario, startedAtMs }: Report): string {
  const at = new Date(startedAtMs).toISOString().slice(0, 16).replace('T', ' ')
  return `<header><div>
<p class="soft small">${both('鸿雁压力测试报告', 'Hongyan load test report')} · ${at} UTC</p>
<h1>${words(scenario.title)}</h1>
<p class="soft">${words(scenario.about)}</p>
</div>
<div class="switches"><button id="lang">${both('English', '中文')}</button><button id="theme">${both('明暗', 'Light / dark')}</button></div>
</header>`
}

const [TICK, CROSS] = ['M5 12.5l4.5 4.5L19 7.5', 'M7 7l10 10M17 7L7 17']

function verdictOf({ verdict, scenario, ledger }: Report): string {
  const icon = `<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><circle cx="12" cy="12" r="10.5"/><path d="${verdict.isGood ? TICK : CROSS}"/></svg>`
  if (!verdict.isGood) {
    const items = verdict.reasons.map(
      ({ what, count: times }) => `<li>${words(REASON_WORDS[what])}: ${count(times)}</li>`,
    )
    return `<section class="verdict bad">${icon}<div><strong>${both('消息正确性:未通过', 'Correctness: not passed')}</strong><ul>${items.join('')}</ul></div></section>`
  }
  const lossy = scenario.isLossy
    ? both(
        `直播间允许丢失:共听到 ${count(ledger.heard)} 次,未听到 ${count(ledger.missed)} 次。`,
        `Live rooms may lose: heard ${count(ledger.heard)} times, missed ${count(ledger.missed)}.`,
      )
    : both(
        '每条已确认的消息都恰好一次、按顺序到达每位应收到的在线成员。',
        'Every acknowledged message reached every entitled client who was there, exactly once and in order.',
      )
  return `<section class="verdict">${icon}<div><strong>${both('消息正确性:通过', 'Correctness: passed')}</strong><p style="margin:0">${lossy}</p></div></section>`
}

function cardsOf({ scenario, ledger, latencies, series }: Report): string {
  const arrived = latencies.delivered ?? latencies.heard
  const peak = series.reduce((most, row) => Math.max(most, row.delivered + row.heard), 0)
  const cards: readonly (readonly [string, string])[] = [
    [count(scenario.clients), both('客户端', 'clients')],
    [count(ledger.acknowledged + ledger.said), both('条消息发送成功', 'messages acknowledged')],
    [count(ledger.delivered + ledger.heard), both('次送达', 'deliveries')],
    [count(peak), both('次/秒 送达峰值', 'deliveries a second at most')],
    [arrived ? time(arrived.p50Ms) : '–', both('送达时间 中位数', 'until it arrived, half of all')],
    [arrived ? time(arrived.p99Ms) : '–', both('送达时间 99% 以内', 'until it arrived, 99 of 100')],
    ...(latencies.resume
      ? [[time(latencies.resume.p99Ms), both('断线后回来 99% 以内', 'back after a loss, 99 of 100')] as const]
      : []),
  ]
  return `<section class="cards">${cards
    .map(
      ([number, label]) =>
        `<div class="card"><span class="number">${number}</span><span class="label">${label}</span></div>`,
    )
    .join('')}</section>`
}

function ledgerOf({ ledger, scenario }: Report): string {
  const names = (Object.keys(LEDGER_WORDS) as (keyof typeof LEDGER_WORDS)[]).filter((name) => {
    return name !== 'missed' || scenario.isLossy
  })
  const rows = names.map((name) => {
    const { name: title, means } = LEDGER_WORDS[name]
    const value = ledger[name]
    const mark = value === 0 ? 'zero' : name === 'missed' ? '' : 'fault'
    return `<tr><td>${words(title)}</td><td class="soft">${words(means)}</td><td class="number ${mark}">${count(value)}</td></tr>`
  })
  const resets =
    ledger.skippedByReset === 0
      ? ''
      : `<p class="soft small">${both(
          `另有 ${count(ledger.skippedByReset)} 条记录因离开太久由服务器以整体状态代替,不逐条核对。`,
          `Besides, ${count(ledger.skippedByReset)} entries were replaced by a state of the server’s for clients who had been away too long; these are not compared one by one.`,
        )}</p>`
  return `<h2>${both('消息账本', 'The ledger')}</h2>
<div class="panel"><div class="scroll"><table><thead><tr><th>${both('项目', 'Counted')}</th><th>${both('含义', 'Meaning')}</th><th class="number">${both('次数', 'Times')}</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>${resets}</div>`
}

type Of = (row: Row) => number | undefined

function courseOf({ series, scenario }: Report): string {
  // The founding of groups is no part of what is measured.
  const rows = series.filter(({ phase }) => phase !== 'found')
  const line = (name: string, colour: Line['colour'], of: Of, isFilled = false): Line => ({
    name,
    colour,
    isFilled,
    points: rows.map((row) => ({ x: row.second, y: of(row) })),
  })
  const [first, last] = [rows[0]?.second ?? 0, rows.at(-1)?.second ?? 0]
  const bands = [
    { from: first, to: Math.min(0, last) },
    { from: Math.min(scenario.seconds, last), to: last },
  ].filter(({ from, to }) => to > from)
  const chart = (title: string, lines: readonly Line[], options: { readonly isTime?: boolean } = {}): string => {
    const drawn = lineChart({
      lines,
      bands,
      format: options.isTime === true ? time : count,
      isLogarithmic: options.isTime === true,
    })
    if (drawn === '') return ''
    const legend =
      lines.length < 2
        ? ''
        : `<div class="legend">${lines.map(({ name, colour }) => `<span><i class="i-${colour}"></i>${escaped(name)}</span>`).join('')}</div>`
    return `<div class="panel"><h3>${title}</h3>${legend}<div class="scroll">${drawn}</div></div>`
  }
  const arrived: Timed = scenario.isLossy ? 'heard' : 'delivered'
  const hasReturns = rows.some((row) => row.p99.resume !== undefined)
  return `<h2>${both('过程', 'Course of the run')}</h2>
<p class="soft small">${both('横轴为开始后的秒数;浅色区域为客户端陆续上线与收尾阶段。鼠标停留可看每秒数值。', 'Seconds since the beginning; shaded: clients come, and the end is waited for. Rest the mouse on a second to read it.')}</p>
${chart(both('每秒送达次数', 'Deliveries a second'), [line('', 'one', (row) => row.delivered + row.heard, true)])}
${chart(both('每秒发送成功的消息', 'Messages acknowledged a second'), [line('', 'two', (row) => row.acknowledged, true)])}
${chart(both('送达时间(对数刻度)', 'Until it arrived (logarithmic)'), [line('p50', 'one', (row) => row.p50[arrived]), line('p99', 'two', (row) => row.p99[arrived])], { isTime: true })}
${hasReturns ? chart(both('断线重连所用时间(对数刻度)', 'Until a client is back (logarithmic)'), [line('p50', 'one', (row) => row.p50.resume), line('p99', 'two', (row) => row.p99.resume)], { isTime: true }) : ''}
${chart(both('在线客户端', 'Clients who are there'), [line('', 'three', (row) => row.ready, true)])}`
}

function latenciesOf({ latencies }: Report): string {
  const shown = TIMED.flatMap((what): (readonly [Timed, Distribution])[] => {
    const distribution = latencies[what]
    return distribution ? [[what, distribution]] : []
  })
  const rows = shown.map(([what, d]) => {
    const cells = [d.p50Ms, d.p90Ms, d.p95Ms, d.p99Ms, d.p999Ms, d.maxMs].map(
      (ms) => `<td class="number">${time(ms)}</td>`,
    )
    return `<tr><td>${words(TIMED_WORDS[what].name)}</td><td class="number">${count(d.count)}</td>${cells.join('')}</tr>`
  })
  const panels = shown.map(([what, { bars, p50Ms, p99Ms }]) => {
    const { name, means } = TIMED_WORDS[what]
    const marks = [
      { name: `p50 ${time(p50Ms)}`, ms: p50Ms },
      { name: `p99 ${time(p99Ms)}`, ms: p99Ms },
    ]
    return `<div class="panel figure"><h3>${words(name)}</h3><p class="soft small">${words(means)}</p>${barChart(bars, marks, time)}</div>`
  })
  return `<h2>${both('用时分布', 'How long it took')}</h2>
<div class="panel"><div class="scroll"><table><thead><tr><th></th><th class="number">${both('次数', 'Times')}</th><th class="number">p50</th><th class="number">p90</th><th class="number">p95</th><th class="number">p99</th><th class="number">p99.9</th><th class="number">${both('最长', 'Most')}</th></tr></thead><tbody>${rows.join('')}</tbody></table></div></div>
<div class="grid-2">${panels.join('')}</div>`
}

function connectionsOf({ totals, refused, putOff, endings, skipped }: Report): string {
  const list = (title: string, counts: Readonly<Record<string, number>>): string => {
    const entries = Object.entries(counts)
    if (entries.length === 0) return ''
    const items = entries.map(
      ([name, value]) => `<tr><td>${escaped(name)}</td><td class="number">${count(value)}</td></tr>`,
    )
    return `<div class="panel"><h3>${title}</h3><table class="names">${items.join('')}</table></div>`
  }
  const lines: readonly (readonly [string, number])[] = [
    [both('拨号', 'dials'), totals.connects],
    [both('登录', 'logins'), totals.logins],
    [both('断线重连', 'resumes'), totals.resumes],
  ]
  const own = lines.map(([name, value]) => `<tr><td>${name}</td><td class="number">${count(value)}</td></tr>`).join('')
  return `<h2>${both('连接与拒绝', 'Connections and refusals')}</h2>
<div class="grid-2"><div class="panel"><h3>${both('连接', 'Connections')}</h3><table>${own}</table></div>
${list(both('意外断开', 'Ended without being asked to'), endings)}
${list(both('被拒绝的请求', 'Refused'), refused)}
${list(both('稍后重试成功的请求', 'Put off, and done later'), putOff)}
${list(both('计划中但当时无法进行', 'Planned, and not possible at the time'), skipped)}</div>`
}

function settingsOf({ environment, settings, scenario, generator, series }: Report): string {
  const { cpu, cores, memoryBytes, system, node, isOwnServer, endpoints } = environment
  const serverBytes = series.reduce((most, row) => Math.max(most, row.serverRssBytes), 0)
  const where = isOwnServer
    ? both(
        '本机自动启动,内置数据库;与压测程序争用同一台机器',
        'started on this machine with its embedded database; both share it',
      )
    : escaped(endpoints.join(', '))
  const pairs: readonly (readonly [string, string])[] = [
    [both('服务器', 'Server'), where],
    [
      both('压测机', 'Machine of the load'),
      escaped(`${cores} × ${cpu}, ${bytes(memoryBytes)}, ${system}, Node ${node}`),
    ],
    [
      both('场景', 'Scenario'),
      escaped(
        `${scenario.name}, ${count(scenario.clients)} clients, ${scenario.rampSeconds} s + ${scenario.seconds} s`,
      ),
    ],
    [both('种子 / 运行名', 'Seed / name of the run'), escaped(`${settings.seed} / ${settings.run}`)],
    [both('压测进程', 'Processes of the load'), String(settings.processes)],
    [both('每个客户端占用', 'Of the load for each client'), bytes(generator.bytesPerClient)],
    [both('压测程序内存', 'Memory of the load'), bytes(generator.mostBytes)],
    ...(serverBytes > 0 ? [[both('服务器进程内存', 'Memory of the server process'), bytes(serverBytes)] as const] : []),
    ...(settings.localAddresses.length > 0
      ? [[both('源地址', 'Addresses come from'), escaped(settings.localAddresses.join(', '))] as const]
      : []),
  ]
  return `<h2>${both('环境与设置', 'Environment and settings')}</h2>
<div class="panel"><dl>${pairs.map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join('')}</dl></div>`
}

function notesOf({ scenario }: Report): string {
  const notes: readonly (readonly [string, string])[] = [
    [
      'p50 是一半的情况不超过的时间;p99 是每 100 次里 99 次不超过的时间,用户抱怨多半来自其余的 1 次。',
      'p50: half of all take no longer. p99: 99 of 100 take no longer; complaints come from the one that is left.',
    ],
    [
      '用时从“按计划应当发生”的时刻算起,而不是从真正发出时算起:服务器卡住时排队的等待也计入,不会被掩盖。',
      'Times are counted from when a thing was due by the plan, not from when it was sent: what had to wait while the server stood still counts in full.',
    ],
    [
      '账本核对的是每个客户端在每个会话里逐条、按编号的接收记录,并与发送者得到的确认逐条比较。',
      'The ledger compares, number by number, what each client was given in each conversation with what the senders were told.',
    ],
    ...(scenario.isLossy
      ? [
          [
            '直播间有意限制每秒消息数;TOO_MANY_REQUESTS 是保护措施,不是故障。',
            'Live rooms limit messages a second on purpose: TOO_MANY_REQUESTS there is protection, no failure.',
          ] as const,
        ]
      : []),
  ]
  return `<h2>${both('怎样看这份报告', 'How to read this')}</h2>
<div class="panel">${notes.map(([zh, en]) => `<p>${both(zh, en)}</p>`).join('')}</div>`
}
