/** A text for people, in both languages. */
export interface Words {
  readonly zh: string
  readonly en: string
}

/** From … to, both included; seconds, people or bytes, as the field says. */
export type Range = readonly [number, number]

/** Conversations of one sort, among which all clients are divided. */
export type ConversationSet =
  /** Two and two. */
  | { readonly kind: 'pairs' }
  /** Groups of these sizes, chosen by the seed; the first member of each is its owner and teacher. */
  | {
      readonly kind: 'groups'
      readonly type: 'work' | 'public' | 'meeting'
      readonly sizes: Range
      /** Messages that are there before anybody comes. */
      readonly seeded?: number
    }
  /** Live rooms: nothing is stored, and loss is allowed. The first of each is its owner. */
  | { readonly kind: 'rooms'; readonly sizes: Range }

/** How often: on average every so many seconds, each conversation or each client by itself. */
export interface Every {
  readonly seconds: number
  readonly per: 'client' | 'conversation'
}

/** Some of the others do something, so long after. */
export interface Follow {
  readonly share: number
  readonly afterSeconds: Range
}

export type Who = 'first' | 'others' | 'anyone'

/** What people do. Times are seconds from the beginning of the run. */
export type Activity =
  | {
      readonly do: 'talk'
      readonly in: string
      readonly by: Who
      readonly every: Every
      readonly chars: Range
      readonly from?: number
      readonly until?: number
      readonly receipts?: boolean
      readonly answers?: Follow
      readonly reads?: Follow
    }
  /** Once in each conversation: the first says something that everybody should read. */
  | {
      readonly do: 'notice'
      readonly in: string
      readonly at: number
      readonly chars: Range
      readonly reads?: Follow
      readonly answers?: Follow
    }
  /** The network of these clients is gone, and comes back for all of them within `spreadSeconds`. */
  | {
      readonly do: 'storm'
      readonly at: number
      readonly awaySeconds: number
      readonly spreadSeconds: number
      readonly share: number
      /** `others`: whoever is first in a conversation keeps the network. */
      readonly by: Who
    }
  | { readonly do: 'visit'; readonly in: string; readonly staySeconds: Range; readonly awaySeconds: Range }
  | {
      readonly do: 'browse'
      readonly in: string
      readonly every: Every
      readonly pages: Range
      readonly thinkSeconds: Range
    }
  | {
      readonly do: 'share'
      readonly in: string
      readonly every: Every
      readonly kinds: readonly ('image' | 'file')[]
      readonly bytes: Range
      readonly opens: Follow
    }

export interface Scenario {
  readonly name: string
  readonly title: Words
  readonly about: Words
  readonly clients: number
  /** The clients come one after the other within this time. */
  readonly rampSeconds: number
  readonly seconds: number
  /** How long may be waited in the end for what is still on its way. */
  readonly settleSeconds: number
  /** Loss, and being refused for too much at once, are no failure: they are what live rooms do. */
  readonly isLossy: boolean
  readonly conversations: Readonly<Record<string, ConversationSet>>
  readonly activities: readonly Activity[]
}

/** What somebody may turn without another scenario. */
export interface Turns {
  readonly clients?: number | undefined
  readonly rampSeconds?: number | undefined
  readonly seconds?: number | undefined
  readonly settleSeconds?: number | undefined
  /** Everything that is regular happens so many times as often. */
  readonly rate: number
  /** Everybody takes so many times as long to answer, to read and to come back. */
  readonly think: number
}

/** The scenario as it will be played. */
export function turned(scenario: Scenario, turns: Turns): Scenario {
  const { clients, rampSeconds, seconds, settleSeconds } = turns
  const given = Object.entries({ clients, rampSeconds, seconds, settleSeconds }).filter(
    ([, value]) => value !== undefined,
  )
  return {
    ...scenario,
    ...Object.fromEntries(given),
    activities: scenario.activities.map((activity) => turnedActivity(activity, turns)),
  }
}

function turnedActivity(activity: Activity, { rate, think }: Turns): Activity {
  const wait = ([from, to]: Range): Range => [from * think, to * think]
  const every = (value: Every): Every => ({ ...value, seconds: value.seconds / rate })
  const follow = (value: Follow): Follow => ({ ...value, afterSeconds: wait(value.afterSeconds) })
  const follows = (value: { readonly reads?: Follow; readonly answers?: Follow }): object => ({
    ...(value.reads ? { reads: follow(value.reads) } : {}),
    ...(value.answers ? { answers: follow(value.answers) } : {}),
  })
  switch (activity.do) {
    case 'talk':
      return { ...activity, every: every(activity.every), ...follows(activity) }
    case 'notice':
      return { ...activity, ...follows(activity) }
    case 'storm':
      return activity
    case 'visit':
      return { ...activity, staySeconds: wait(activity.staySeconds), awaySeconds: wait(activity.awaySeconds) }
    case 'browse':
      return { ...activity, every: every(activity.every), thinkSeconds: wait(activity.thinkSeconds) }
    case 'share':
      return { ...activity, every: every(activity.every), opens: follow(activity.opens) }
  }
}
