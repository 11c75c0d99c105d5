import { chat } from '../../im/chat'
import { withConsent } from '../../im/consent'
import { openPickPage } from '../../im/places'
import { choose, confirm, tell, trying } from '../../im/tell'
import type { Thread } from '../../im/thread'
import { TYPES, type Message } from '../../im/sdk'
import { words } from '../../text/words'
import { textAt } from '../../views/fields'

const REVOKE_SECONDS = 120

interface Choice {
  readonly name: string
  readonly run: () => void | Promise<void>
}

interface Menu {
  readonly thread: Thread
  readonly isLeader: boolean
  readonly reply: (message: Message) => void
}

/** What can be done with a message, and does it. */
export async function openMenu(message: Message, menu: Menu): Promise<void> {
  const choices = choicesFor(message, menu)
  const index = await choose(choices.map(({ name }) => name))
  if (index !== undefined) await choices[index]?.run()
}

function choicesFor(message: Message, { thread, isLeader, reply }: Menu): readonly Choice[] {
  const { chat: t } = words()
  const isSent = message.status === 'success'
  const text = message.type === TYPES.MSG_TEXT ? textAt(message.payload, 'text') : ''
  return [
    ...(text === '' ? [] : [{ name: t.copy, run: () => copy(text) }]),
    ...(isSent ? [{ name: t.reply, run: () => reply(message) }] : []),
    ...(isSent ? [{ name: t.forward, run: () => openPickPage(message.ID) }] : []),
    ...(isSent && mayRevoke(message, isLeader) ? [{ name: t.revoke, run: () => revoke(thread, message) }] : []),
    { name: t.remove, run: () => remove(thread, message) },
  ]
}

/** Own messages for two minutes; who leads the class, others' at any time. */
function mayRevoke({ flow, time }: Message, isLeader: boolean): boolean {
  if (flow === 'in') return isLeader
  return chat().getServerTime() / 1000 - time < REVOKE_SECONDS
}

export async function copy(text: string): Promise<void> {
  await withConsent(() => wx.setClipboardData({ data: text }))
}

async function revoke(thread: Thread, { ID }: Message): Promise<void> {
  await trying(() => thread.revoke(ID))
}

async function remove(thread: Thread, { ID }: Message): Promise<void> {
  const { removeTitle, removeHint, remove: yes } = words().chat
  if (await confirm({ title: removeTitle, hint: removeHint, yes })) await trying(() => thread.remove(ID))
}

/** A link in a message: a mini-program cannot open it, but the clipboard takes it along. */
export async function copyLink(link: string): Promise<void> {
  await copy(link)
  tell(words().chat.copied)
}
