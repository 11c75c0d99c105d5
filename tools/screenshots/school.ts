import TIM from '@hongyan/client-sdk'
import { setTimeout as sleep } from 'node:timers/promises'
import { joinAs, type Person } from '../../e2e/kit/person.ts'
import type { TrialServer } from '../../e2e/kit/server.ts'
import { PEOPLE, type Name } from './people.ts'
import type { SchoolClock } from './school-clock.ts'

const DEADLINE_MS = 10_000

type Message = ReturnType<Person['chat']['createTextMessage']>

/** One-to-one by a name, or a group by its id. */
export type Place = Name | { readonly group: string }

export interface Saying {
  /** What it answers. */
  readonly answers?: Message
  /** Who is called by name; `everybody` in groups. */
  readonly calls?: readonly Name[] | 'everybody'
}

/** Everybody of the school, at the keys of the SDK: what they do arrives before it resolves. */
export interface School {
  readonly clock: SchoolClock
  readonly of: (name: Name) => Person['chat']
  readonly say: (from: Name, to: Place, text: string, saying?: Saying) => Promise<Message>
  readonly picture: (from: Name, to: Place, file: SentFile) => Promise<Message>
  readonly voice: (from: Name, to: Place, file: SentFile & { readonly duration: number }) => Promise<Message>
  readonly file: (from: Name, to: Place, file: SentFile) => Promise<Message>
  readonly location: (from: Name, to: Place, payload: Spot) => Promise<Message>
  readonly react: (message: Message, emoji: string, by: readonly Name[]) => Promise<void>
  /** They read all that is there, and tell it where the sender wants to know. */
  readonly read: (place: Place, by: readonly Name[]) => Promise<void>
  readonly leave: () => Promise<void>
}

export interface Spot {
  readonly description: string
  readonly latitude: number
  readonly longitude: number
}

export interface SentFile {
  readonly data: Buffer
  readonly name: string
}

export async function openSchool(server: TrialServer, clock: SchoolClock): Promise<School> {
  const persons = new Map<Name, Person>()
  for (const [name, { userID, nick, ...rest }] of Object.entries(PEOPLE) as [Name, (typeof PEOPLE)[Name]][]) {
    const person = await joinAs(server, userID)
    const avatar = 'avatar' in rest ? `${server.url}avatars/${rest.avatar}.svg` : ''
    await person.chat.updateMyProfile({ nick, avatar })
    persons.set(name, person)
  }
  const of = (name: Name): Person['chat'] => {
    const person = persons.get(name)
    if (!person) throw new Error(`nobody is called ${name}`)
    return person.chat
  }
  const send = async (from: Name, message: Message): Promise<Message> => {
    await of(from).sendMessage(message)
    return message
  }
  return {
    clock,
    of,
    say: (from, to, text, saying = {}) => send(from, newText(of(from), to, text, saying)),
    picture: (from, to, file) => send(from, of(from).createImageMessage({ ...addressOf(to), payload: { file } })),
    voice: (from, to, file) => send(from, of(from).createAudioMessage({ ...addressOf(to), payload: { file } })),
    file: (from, to, file) => send(from, of(from).createFileMessage({ ...addressOf(to), payload: { file } })),
    location: (from, to, payload) => send(from, of(from).createLocationMessage({ ...addressOf(to), payload })),
    async react(message, emoji, by) {
      for (const name of by) await of(name).addMessageReaction(await arrived(of(name), message), emoji)
    },
    async read(place, by) {
      for (const name of by) await readAll(of(name), conversationOf(place))
    },
    async leave() {
      for (const person of persons.values()) await person.leave()
    },
  }
}

function newText(chat: Person['chat'], to: Place, text: string, { answers, calls }: Saying): Message {
  const options = { ...addressOf(to), cloudCustomData: answers ? answerData(answers) : '' }
  if (!calls) return chat.createTextMessage({ ...options, payload: { text } })
  const atUserList = calls === 'everybody' ? [TIM.TYPES.MSG_AT_ALL] : calls.map((name) => PEOPLE[name].userID)
  return chat.createTextAtMessage({ ...options, payload: { text, atUserList } })
}

/** As Tencent's kits write it, and the demos read it. */
function answerData(message: Message): string {
  const { ID, nick, from, time, sequence } = message
  const [messageType, messageAbstract] = abstractOf(message)
  const messageReply = {
    messageID: ID,
    messageAbstract,
    messageSender: nick || nickOf(from),
    messageType,
    messageTime: time,
    messageSequence: sequence,
    version: 1,
  }
  return JSON.stringify({ messageReply })
}

/** The kits' number for the type, and a line that stands for the message. */
function abstractOf({ type, payload }: Message): readonly [number, string] {
  if (type === TIM.TYPES.MSG_IMAGE) return [3, '[图片]']
  const fileName = payload['fileName']
  if (type === TIM.TYPES.MSG_FILE) return [6, `[文件] ${typeof fileName === 'string' ? fileName : ''}`]
  return [1, payload.text ?? '']
}

function nickOf(userID: string): string {
  return Object.values(PEOPLE).find((person) => person.userID === userID)?.nick ?? userID
}

function addressOf(place: Place) {
  return typeof place === 'string'
    ? { to: PEOPLE[place].userID, conversationType: TIM.TYPES.CONV_C2C }
    : { to: place.group, conversationType: TIM.TYPES.CONV_GROUP, needReadReceipt: true }
}

export function conversationOf(place: Place): string {
  return typeof place === 'string' ? `C2C${PEOPLE[place].userID}` : `GROUP${place.group}`
}

/** Their own object of the message. */
async function arrived(chat: Person['chat'], { ID }: Message): Promise<Message> {
  for (let waitedMs = 0; waitedMs < DEADLINE_MS; waitedMs += 20) {
    const message = chat.findMessage(ID)
    if (message) return message
    await sleep(20)
  }
  throw new Error(`${chat.getLoginUser()} did not get the message ${ID}`)
}

async function readAll(chat: Person['chat'], conversationID: string): Promise<void> {
  const { messageList } = (await chat.getMessageList({ conversationID })).data
  const owed = messageList.filter(({ flow, needReadReceipt }) => flow === 'in' && needReadReceipt)
  if (owed.length > 0) await chat.sendMessageReadReceipt(owed)
  await chat.setMessageRead({ conversationID })
}
