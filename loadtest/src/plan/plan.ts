import { Heap } from './heap.ts'
import type { Activity, Every, Follow, Scenario, Who } from './scenario.ts'
import { between, chooseIndex, chooseSome, exponential, seededRandom, type Random } from './random.ts'
import type { PlannedConversation, School } from './school.ts'

/** What one client does at one moment, `atMs` after the beginning. Conversations and clients by their numbers. */
export type Act = { readonly atMs: number; readonly who: number } & (
  | { readonly do: 'say'; readonly in: number; readonly chars: number; readonly wantsReceipts: boolean }
  /** Has read everything there up to now; sends receipts for what wants them. */
  | { readonly do: 'read'; readonly in: number }
  | { readonly do: 'cut' }
  | { readonly do: 'return' }
  | { readonly do: 'join'; readonly in: number }
  | { readonly do: 'leave'; readonly in: number }
  /** One page after the other, with these waits before each. */
  | { readonly do: 'browse'; readonly in: number; readonly thinkMs: readonly number[] }
  | { readonly do: 'share'; readonly in: number; readonly kind: 'image' | 'file'; readonly bytes: number }
  /** Opens the file that was shown there last. */
  | { readonly do: 'open'; readonly in: number }
)

/** Everything that everybody does, in the order of time; the same for the same seed. Made as it is asked for. */
export function* planOf(scenario: Scenario, school: School, seed: number): Generator<Act, void> {
  const heads: Head[] = []
  scenario.activities.forEach((activity, index) => {
    const random = seededRandom(seed, `${index} ${activity.do}`)
    const acts = actsOf(activity, { scenario, school, random })
    pushHead(heads, { acts, order: index, next: acts.next() })
  })
  for (let head = heads[0]; head && head.next.done !== true; head = heads[0]) {
    const { next, acts, order } = head
    heads.shift()
    pushHead(heads, { acts, order, next: acts.next() })
    yield next.value
  }
}

interface Head {
  readonly acts: Generator<Act, void>
  readonly order: number
  readonly next: IteratorResult<Act, void>
}

/** Keeps the heads sorted by time, then by their order in the scenario; one that is at its end is gone. */
function pushHead(heads: Head[], head: Head): void {
  const { next, order } = head
  if (next.done === true) return
  const at = heads.findIndex((other) => {
    if (other.next.done === true) return true
    const laterMs = other.next.value.atMs - next.value.atMs
    return laterMs > 0 || (laterMs === 0 && other.order > order)
  })
  heads.splice(at < 0 ? heads.length : at, 0, head)
}

interface Stage {
  readonly scenario: Scenario
  readonly school: School
  readonly random: Random
}

function actsOf(activity: Activity, stage: Stage): Generator<Act, void> {
  switch (activity.do) {
    case 'talk':
      return inOrder(talk(activity, stage))
    case 'notice':
      return inOrder(notice(activity, stage))
    case 'storm':
      return sorted(storm(activity, stage))
    case 'visit':
      return sorted(visit(activity, stage))
    case 'browse':
      return browse(activity, stage)
    case 'share':
      return inOrder(share(activity, stage))
  }
}

function* sorted(acts: readonly Act[]): Generator<Act, void> {
  yield* [...acts].sort((a, b) => a.atMs - b.atMs)
}

/** What follows something comes later than its beginning, but mixes with what others begin meanwhile. */
function* inOrder(beginnings: Generator<readonly Act[], void>): Generator<Act, void> {
  const waiting = new Heap<Act>()
  for (const acts of beginnings) {
    const [first] = acts
    if (first) yield* upTo(waiting, first.atMs)
    for (const act of acts) waiting.push(act.atMs, act)
  }
  yield* upTo(waiting, Number.POSITIVE_INFINITY)
}

function* upTo(waiting: Heap<Act>, atMs: number): Generator<Act, void> {
  while ((waiting.nextMs ?? Number.POSITIVE_INFINITY) < atMs) {
    const act = waiting.pop()
    if (act) yield act
  }
}

/** When something that is regular happens, where, and by whom. */
function* moments(
  set: string,
  by: Who,
  every: Every,
  { scenario, school, random }: Stage,
  [from, until]: readonly [number, number] = [0, scenario.seconds],
): Generator<{ readonly atMs: number; readonly where: PlannedConversation; readonly who: number }, void> {
  const where = school.bySet.get(set) ?? []
  const speakers = where.flatMap((conversation) => speakersOf(conversation, by).map((who) => ({ who, conversation })))
  const sources = every.per === 'client' ? speakers.length : where.length
  if (sources === 0 || speakers.length === 0) return
  const meanMs = (every.seconds * 1000) / sources
  const endMs = Math.min(until, scenario.seconds) * 1000
  for (let atMs = from * 1000 + exponential(random, meanMs); atMs < endMs; atMs += exponential(random, meanMs)) {
    if (every.per === 'client') {
      const speaker = speakers[chooseIndex(random, speakers.length)]
      if (speaker) yield { atMs, where: speaker.conversation, who: speaker.who }
    } else {
      const conversation = where[chooseIndex(random, where.length)]
      const people = conversation ? speakersOf(conversation, by) : []
      const who = people[chooseIndex(random, people.length)]
      if (conversation && who !== undefined) yield { atMs, where: conversation, who }
    }
  }
}

function speakersOf({ members }: PlannedConversation, by: Who): readonly number[] {
  if (by === 'anyone') return members
  return by === 'first' ? members.slice(0, 1) : members.slice(1)
}

function* talk(activity: Activity & { do: 'talk' }, stage: Stage): Generator<readonly Act[], void> {
  const { chars, from = 0, until = stage.scenario.seconds, receipts = false } = activity
  for (const { atMs, where, who } of moments(activity.in, activity.by, activity.every, stage, [from, until])) {
    const said = {
      atMs,
      who,
      do: 'say',
      in: where.index,
      chars: charsOf(chars, stage),
      wantsReceipts: receipts,
    } as const
    yield [said, ...followed(said, where, activity, stage)]
  }
}

function* notice(activity: Activity & { do: 'notice' }, stage: Stage): Generator<readonly Act[], void> {
  for (const where of stage.school.bySet.get(activity.in) ?? []) {
    const [who = 0] = where.members
    const chars = charsOf(activity.chars, stage)
    const said = { atMs: activity.at * 1000, who, do: 'say', in: where.index, chars, wantsReceipts: true } as const
    yield [said, ...followed(said, where, activity, stage)]
  }
}

/** Who reads what was said, and who answers. */
function followed(
  said: Act & { readonly in: number },
  where: PlannedConversation,
  { reads, answers }: { readonly reads?: Follow; readonly answers?: Follow },
  stage: Stage,
): readonly Act[] {
  const reading = some(said, where, reads, stage).map((one): Act => ({ ...one, do: 'read', in: where.index }))
  const answering = some(said, where, answers, stage).map((one): Act => ({
    ...one,
    do: 'say',
    in: where.index,
    chars: charsOf([2, 20], stage),
    wantsReceipts: false,
  }))
  return [...reading, ...answering]
}

/** Some of the others, each after his own time. */
function some(
  { atMs, who }: { readonly atMs: number; readonly who: number },
  { members }: PlannedConversation,
  follow: Follow | undefined,
  { random }: Stage,
): readonly { readonly atMs: number; readonly who: number }[] {
  if (!follow) return []
  const others = members.filter((member) => member !== who)
  // A share of a person is a chance.
  const size = Math.floor(follow.share * others.length + random())
  return chooseSome(random, others.length, size).map((index) => {
    return { atMs: atMs + between(random, follow.afterSeconds) * 1000, who: others[index] ?? who }
  })
}

function storm(activity: Activity & { do: 'storm' }, { school, random }: Stage): readonly Act[] {
  const { at, awaySeconds, spreadSeconds, share: part } = activity
  const firsts = new Set(school.conversations.map(({ members }) => members[0]))
  const all = Array.from({ length: school.clients }, (_, client) => client).filter((client) => {
    return activity.by === 'anyone' || firsts.has(client) === (activity.by === 'first')
  })
  const gone = chooseSome(random, all.length, Math.round(part * all.length)).map((index) => all[index] ?? 0)
  return gone.flatMap((who): Act[] => [
    { atMs: at * 1000, who, do: 'cut' },
    { atMs: (at + awaySeconds + random() * spreadSeconds) * 1000, who, do: 'return' },
  ])
}

function visit(activity: Activity & { do: 'visit' }, { scenario, school, random }: Stage): readonly Act[] {
  const endMs = scenario.seconds * 1000
  const acts: Act[] = []
  for (const { index, members } of school.bySet.get(activity.in) ?? []) {
    for (const [place, who] of members.entries()) {
      // The owner opens the room and stays.
      let atMs = place === 0 ? 0 : between(random, activity.awaySeconds) * 1000
      for (; atMs < endMs; atMs += between(random, activity.awaySeconds) * 1000) {
        acts.push({ atMs, who, do: 'join', in: index })
        if (place === 0) break
        atMs += between(random, activity.staySeconds) * 1000
        if (atMs < endMs) acts.push({ atMs, who, do: 'leave', in: index })
      }
    }
  }
  return acts
}

function* browse(activity: Activity & { do: 'browse' }, stage: Stage): Generator<Act, void> {
  for (const { atMs, where, who } of moments(activity.in, 'anyone', activity.every, stage)) {
    const pages = Math.round(between(stage.random, activity.pages))
    const thinkMs = Array.from({ length: pages }, (_, page) => {
      return page === 0 ? 0 : between(stage.random, activity.thinkSeconds) * 1000
    })
    yield { atMs, who, do: 'browse', in: where.index, thinkMs }
  }
}

function* share(activity: Activity & { do: 'share' }, stage: Stage): Generator<readonly Act[], void> {
  for (const { atMs, where, who } of moments(activity.in, 'anyone', activity.every, stage)) {
    const kind = activity.kinds[chooseIndex(stage.random, activity.kinds.length)] ?? 'file'
    const bytes = Math.round(between(stage.random, activity.bytes))
    const shared = { atMs, who, do: 'share', in: where.index, kind, bytes } as const
    const opening = some(shared, where, activity.opens, stage)
    yield [shared, ...opening.map((one): Act => ({ ...one, do: 'open', in: where.index }))]
  }
}

function charsOf(range: readonly [number, number], { random }: Stage): number {
  return Math.round(between(random, range))
}
