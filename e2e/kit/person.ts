import TIM from '@hongyan/client-sdk'
import type { TrialServer } from './server.ts'

type Chat = ReturnType<typeof TIM.create>

/** Somebody who is online without a browser, by the same SDK: cheaper than a window where nobody looks at it. */
export interface Person {
  readonly userID: string
  readonly chat: Chat
  /** One-to-one, or `in` a group. */
  say(to: string, text: string, where?: { readonly in: 'C2C' | 'GROUP' }): Promise<void>
  leave(): Promise<void>
}

/** Signs somebody in; a demo server makes every user who is named. */
export async function joinAs({ url }: TrialServer, userID: string, nick?: string): Promise<Person> {
  const answer = await fetch(`${url}im/usersig?userID=${encodeURIComponent(userID)}`)
  const { sdkAppID, userSig } = (await answer.json()) as { sdkAppID: number; userSig: string }
  const chat = TIM.create({ SDKAppID: sdkAppID, endpoint: url, instance: `${url}${userID}` })
  const isReady = new Promise((resolve) => chat.once(TIM.EVENT.SDK_READY, resolve))
  await chat.login({ userID, userSig })
  await isReady
  if (nick !== undefined) await chat.updateMyProfile({ nick })
  return {
    userID,
    chat,
    async say(to, text, where = { in: 'C2C' }) {
      await chat.sendMessage(chat.createTextMessage({ to, conversationType: where.in, payload: { text } }))
    },
    async leave() {
      await chat.destroy()
    },
  }
}
