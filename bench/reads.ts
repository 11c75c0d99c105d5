import { inParallel, LightSession } from './light-session.ts'
import { median, type Figure } from './report.ts'
import { seedGroup, seedUsers } from './seeds.ts'
import { pause, sumOf, writtenBetween, type RowsWritten } from './store.ts'
import { scaled, type World } from './world.ts'

const READERS = 1_000
const ROUNDS = 5
const TEACHER = 'teacher0'
const CONVERSATION = 'group:school'
const TOLD_WITHIN_MS = 10_000

/** A notice to everybody, and everybody reads it at once. */
export async function runReads({ store, hongyan }: World): Promise<readonly Figure[]> {
  const count = scaled(READERS, 20)
  await seedUsers(store, 'teacher', 1)
  await seedUsers(store, 'm', count)
  await seedGroup(store, { id: 'school', owner: TEACHER, prefix: 'm', members: count })
  await store.run('ANALYZE')
  const teacher = await LightSession.login(hongyan.port, TEACHER)
  const told = new Told(teacher)
  const readers = await inParallel(count, 20, (index) => LightSession.login(hongyan.port, `m${index}`))
  const before = await store.settledRows()
  const receiptRates: number[] = []
  const readRates: number[] = []
  const notices: number[] = []
  let rowsOfReceipts: RowsWritten = new Map()
  let rowsOfReads: RowsWritten = new Map()
  for (let round = 0; round < ROUNDS; round++) {
    const notice = { conversationId: CONVERSATION, clientMsgId: `notice-${round}`, needsReceipt: true }
    const { body } = await teacher.ask('message.send', { ...notice, elements: [{ type: 'text', text: '明天家长会' }] })
    const { seq } = body as { seq: number }
    told.begin(seq)
    const start = round === 0 ? await reported(store, before, 'message', 1) : new Map()
    receiptRates.push(await all(readers, 'receipt.send', { conversationId: CONVERSATION, seqs: [seq] }))
    const between = round === 0 ? await reported(store, start, 'receipt', count) : new Map()
    readRates.push(await all(readers, 'receipt.read', { conversationId: CONVERSATION, seq }))
    if (round === 0) {
      rowsOfReceipts = writtenBetween(start, between)
      rowsOfReads = writtenBetween(between, await reported(store, between, 'entry', count))
    }
    notices.push(await told.until(count))
  }
  for (const session of [teacher, ...readers]) session.close()
  const people = `${count.toLocaleString('en')} members at once`
  const perTable = (rows: RowsWritten): string =>
    [...rows].map(([table, written]) => `${table} ${(written / count).toFixed(2)}`).join(', ')
  return [
    { name: `receipts, ${people}`, hongyan: median(receiptRates), unit: 'readers/s', goal: '' },
    {
      name: `rows written per receipt (${perTable(rowsOfReceipts)})`,
      hongyan: sumOf(rowsOfReceipts) / count,
      unit: 'rows',
      goal: '1',
    },
    { name: `read marks, ${people}`, hongyan: median(readRates), unit: 'readers/s', goal: '' },
    {
      name: `rows written per read mark (${perTable(rowsOfReads)})`,
      hongyan: sumOf(rowsOfReads) / count,
      unit: 'rows',
      goal: '',
    },
    {
      name: `notices to the sender, for ${count.toLocaleString('en')} receipts`,
      hongyan: median(notices),
      unit: 'pushes',
      goal: '',
    },
  ]
}

/** All at once; how many a second. */
async function all(readers: readonly LightSession[], command: string, body: object): Promise<number> {
  const startMs = performance.now()
  await Promise.all(readers.map((reader) => reader.ask(command, body)))
  return readers.length / ((performance.now() - startMs) / 1000)
}

/** What is written once so many rows of this table are among it. */
function reported(store: World['store'], before: RowsWritten, table: string, count: number): Promise<RowsWritten> {
  return store.rowsWritten((rows) => (rows.get(table) ?? 0) >= (before.get(table) ?? 0) + count)
}

/** What the sender is told about the receipts of one message. */
class Told {
  #seq = 0
  #notices = 0
  #read = 0

  constructor(sender: LightSession) {
    sender.onPush = (bytes, start, end) => {
      const text = bytes.toString('utf8', start, end)
      if (!text.includes('"receipt-counts"')) return
      const { entry } = JSON.parse(text) as { entry: { counts: readonly { seq: number; read: number }[] } }
      const own = entry.counts.find(({ seq }) => seq === this.#seq)
      if (!own) return
      this.#notices++
      this.#read = own.read
    }
  }

  begin(seq: number): void {
    this.#seq = seq
    this.#notices = 0
    this.#read = 0
  }

  /** How many notices it took until he was told of so many readers. */
  async until(count: number): Promise<number> {
    for (const untilMs = performance.now() + TOLD_WITHIN_MS; this.#read !== count;) {
      if (performance.now() > untilMs) throw new Error(`the sender knows of ${this.#read} readers instead of ${count}`)
      await pause(10)
    }
    return this.#notices
  }
}
