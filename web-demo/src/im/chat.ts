import TIM, { type EventData, type TimInstance } from '@hongyan/client-sdk'

export const { EVENT, TYPES } = TIM

/** The page's one instance of the SDK: TIM's API, as in any application written for Tencent IM. */
// oxlint-disable-next-line import/no-mutable-exports -- there is none before the server has said its SDKAppID
export let chat: TimInstance

export function openChat(sdkAppID: number): void {
  chat = TIM.create({ SDKAppID: sdkAppID })
}

/** Calls the listener with the event's data; the result ends it. */
export function listen<Name extends keyof EventData>(
  name: Name,
  listener: (data: EventData[Name]) => void,
): () => void {
  const handler = (event: { data: unknown }): void => listener(event.data as EventData[Name])
  chat.on(name, handler)
  return () => chat.off(name, handler)
}
