import type { Page } from 'playwright-core'
import { launchBrowser } from '../e2e/kit/browser.ts'
import { joinAs, type Person } from '../e2e/kit/person.ts'
import { startServer } from '../e2e/kit/server.ts'
import { signIn } from '../e2e/kit/web-window.ts'
import { share, type Figure } from './report.ts'

// What a conversation of 10,000 messages costs the web page: opening it, scrolling to its very beginning as fast as
// pages come, going back, and a flood of new messages. In the built page, on a real server, in Chromium.

const SCALE = Number(process.env['BENCH_SCALE'] ?? '1')
const MESSAGES = Math.round(10_000 * SCALE)
const FLOOD = Math.round(1_000 * SCALE)
const WRITERS = 4
const AT_ONCE = 4
const SCROLL_PX = 400
/** So many frames in a row at the top without anything older: this is the beginning. */
const STILL_FRAMES = 120
const WAIT_MS = 600_000
const MB = 1e6
const GROUP = 'big'

export async function runPageSuite(): Promise<readonly Figure[]> {
  const server = await startServer({ SENDS_PER_SECOND_PER_USER: '100000' })
  const browser = await launchBrowser()
  try {
    const writers = await Promise.all(
      Array.from({ length: WRITERS }, (_, index) => joinAs(server, `p_${index}`, `家长${index}`)),
    )
    await foundGroup(writers)
    await sayAll(writers, MESSAGES, messageText)
    const window = await signIn(browser, server.url, 'reader', { viewport: { width: 1280, height: 800 } })
    window.page.setDefaultTimeout(WAIT_MS)
    const meter = await PageMeter.on(window.page)
    const before = await meter.heapMb()
    const opening = await meter.during(async () => {
      await window.open(`GROUP${GROUP}`)
      await window.page.locator('.thread .scroller.placed').waitFor()
    })
    const scrolling = await meter.during(() => scrollToBeginning(window.page))
    await window.page.getByText(messageText(1), { exact: true }).first().waitFor()
    const atBeginning = await meter.heapMb()
    const returning = await meter.during(async () => {
      await window.page.getByRole('button', { name: '回到最新' }).click()
      await window.page.getByText(messageText(MESSAGES), { exact: true }).last().waitFor()
    })
    const flood = await meter.during(async () => {
      await sayAll(writers, FLOOD, (index) => `现场 ${index}`)
      await window.page.getByText(`现场 ${FLOOD}`, { exact: true }).last().waitFor()
    })
    const after = await meter.heapMb()
    await Promise.all(writers.map((writer) => writer.leave()))
    return [
      figure('opening', 'ms', opening.ms, 'below 1 s'),
      figure(`scrolling through ${MESSAGES}`, 's', scrolling.ms / 1_000, ''),
      figure('frames while scrolling, median', 'ms', share(scrolling.result, 0.5), '17 on an idle machine'),
      figure('frames while scrolling, p99', 'ms', share(scrolling.result, 0.99), 'below 100'),
      figure('long tasks while scrolling', '', scrolling.longTasksMs.length, ''),
      figure('the longest of them', 'ms', Math.max(0, ...scrolling.longTasksMs), 'below 200'),
      figure('heap before opening', 'MB', before, ''),
      figure('heap at the beginning', 'MB', atBeginning, 'bounded: a window of messages is kept'),
      figure('back to the newest', 'ms', returning.ms, 'below 1 s'),
      figure(`${FLOOD} live messages, long tasks`, '', flood.longTasksMs.length, ''),
      figure(`heap after ${FLOOD} live messages`, 'MB', after, 'bounded'),
    ]
  } finally {
    await browser.close()
    await server.stop()
  }
}

function figure(name: string, unit: string, hongyan: number, goal: string): Figure {
  return { name, hongyan, unit, goal }
}

async function foundGroup([founder, ...others]: readonly Person[]): Promise<void> {
  const memberList = [...others.map(({ userID }) => ({ userID })), { userID: 'reader' }]
  await founder?.chat.createGroup({ name: '大群', type: 'Public', groupID: GROUP, memberList })
}

/** Long and short ones. */
function messageText(index: number): string {
  return index % 9 === 0
    ? `消息 ${index} ${'说说今天班里的事情，大家看到以后请回复一下。'.repeat(1 + (index % 3))}`
    : `消息 ${index}`
}

/** The last one is sent when all others are there. */
async function sayAll(writers: readonly Person[], count: number, textOf: (index: number) => string): Promise<void> {
  let next = 1
  const lane = async (writer: Person): Promise<void> => {
    while (next < count) await writer.say(GROUP, textOf(next++), { in: 'GROUP' })
  }
  await Promise.all(writers.flatMap((writer) => Array.from({ length: AT_ONCE }, () => lane(writer))))
  await writers[0]?.say(GROUP, textOf(count), { in: 'GROUP' })
}

/** How long each frame took, in milliseconds. */
function scrollToBeginning(page: Page): Promise<readonly number[]> {
  return page.evaluate(
    async ({ step, stillFrames }) => {
      const scroller = document.querySelector('.thread .scroller')
      if (!scroller) throw new Error('no thread is open')
      const frames: number[] = []
      let last = performance.now()
      for (let still = 0; still < stillFrames;) {
        scroller.scrollTop = Math.max(0, scroller.scrollTop - step)
        const now = await new Promise<number>((resolve) => requestAnimationFrame(resolve))
        frames.push(now - last)
        last = now
        still = scroller.scrollTop > 0 ? 0 : still + 1
      }
      return frames
    },
    { step: SCROLL_PX, stillFrames: STILL_FRAMES },
  )
}

/** What the page's own instruments say. */
class PageMeter {
  readonly #page: Page
  readonly #heap: () => Promise<number>

  private constructor(page: Page, heap: () => Promise<number>) {
    this.#page = page
    this.#heap = heap
  }

  static async on(page: Page): Promise<PageMeter> {
    const session = await page.context().newCDPSession(page)
    await session.send('HeapProfiler.enable')
    await page.evaluate(() => {
      const all: number[] = []
      Object.assign(globalThis, { longTasksMs: all })
      new PerformanceObserver((list) => all.push(...list.getEntries().map(({ duration }) => duration))).observe({
        type: 'longtask',
      })
    })
    return new PageMeter(page, async () => {
      await session.send('HeapProfiler.collectGarbage')
      return (await session.send('Runtime.getHeapUsage')).usedSize
    })
  }

  async heapMb(): Promise<number> {
    return (await this.#heap()) / MB
  }

  async during<Result>(work: () => Promise<Result>) {
    await this.#takeLongTasks()
    const startedMs = performance.now()
    const result = await work()
    return { result, ms: performance.now() - startedMs, longTasksMs: await this.#takeLongTasks() }
  }

  #takeLongTasks(): Promise<readonly number[]> {
    return this.#page.evaluate(() => (globalThis as unknown as { longTasksMs: number[] }).longTasksMs.splice(0))
  }
}
