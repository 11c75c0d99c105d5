import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import type { SchoolSite } from './school-site.ts'
import type { TrialServer } from './server.ts'

const DEADLINE_MS = 15_000

/** A message as pages see it; only what is looked at here. */
export interface PageMessage {
  readonly ID: string
  readonly type: string
  readonly payload: PagePayload
}

/** The payloads of pictures, sound, videos and files in one. */
export interface PagePayload {
  readonly imageFormat: number
  readonly imageInfoArray: readonly { type: number; size: number; width: number; height: number; imageUrl: string }[]
  readonly videoUrl: string
  readonly videoSecond: number
  readonly videoSize: number
  readonly videoFormat: string
  readonly thumbUrl: string
  readonly thumbWidth: number
  readonly thumbHeight: number
  readonly fileName: string
  readonly fileSize: number
  readonly fileUrl: string
  readonly url: string
}

type CreateMethod = 'createImageMessage' | 'createAudioMessage' | 'createVideoMessage' | 'createFileMessage'

interface CreateOptions {
  readonly to: string
  readonly conversationType: string
  readonly payload: { readonly file: unknown }
  readonly onProgress: (part: number) => void
}

/** The part of TIM's API that these pages use. */
interface Chat extends Record<CreateMethod, (options: CreateOptions) => PageMessage> {
  on(event: string, listener: (event: { readonly data: never }) => void): void
  login(options: object): Promise<unknown>
  logout(): Promise<unknown>
  sendMessage(message: PageMessage): Promise<unknown>
  revokeMessage(message: PageMessage): Promise<unknown>
}

declare global {
  interface Window {
    TIM: { create(options: object): Chat; readonly EVENT: Readonly<Record<string, string>> }
    chat: Chat
    /** What came, oldest first. */
    received: PageMessage[]
    revoked: string[]
    /** What was sent by `send`, the last one. */
    sent: PageMessage
  }
}

/** What became of a sending. */
export interface Sending {
  /** TIM's number of the error, 0 when it was sent. */
  readonly code: number
  /** What onProgress was told. */
  readonly progress: readonly number[]
  readonly message: PageMessage
}

/** A page of the school's site, with a user who is logged in by the SDK's bundle. */
export interface ChatPage {
  readonly page: Page
  readonly context: BrowserContext
  /** Console errors and uncaught ones. */
  readonly problems: string[]
  /** Sends these bytes as a File. */
  send(method: CreateMethod, to: string, file: { name: string; type: string; bytes: Buffer }): Promise<Sending>
  /** Sends what is chosen in the page's input, handed over as it is. */
  sendChosen(method: CreateMethod, to: string): Promise<Sending>
  /** Waits for the message with this ID. */
  message(id: string): Promise<PageMessage>
}

export async function openChatPage(
  browser: Browser,
  { site, server, userID }: { readonly site: SchoolSite; readonly server: TrialServer; readonly userID: string },
  options: BrowserContextOptions = {},
): Promise<ChatPage> {
  const context = await browser.newContext({ locale: 'zh-CN', ...options })
  context.setDefaultTimeout(DEADLINE_MS)
  const page = await context.newPage()
  const problems: string[] = []
  page.on('console', (message) => message.type() === 'error' && problems.push(`console: ${message.text()}`))
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.stack ?? error.message}`))
  await page.goto(site.origin)
  // Signed by the school's back end, as it were.
  const signed = await fetch(`${server.url}im/usersig?userID=${encodeURIComponent(userID)}`)
  const { sdkAppID, userSig } = (await signed.json()) as { sdkAppID: number; userSig: string }
  await page.evaluate(logIn, { sdkAppID, userSig, userID, endpoint: server.url })
  return {
    page,
    context,
    problems,
    send: (method, to, { name, type, bytes }) =>
      page.evaluate(sendFile, { method, to, file: { name, type, base64: bytes.toString('base64') } }),
    sendChosen: (method, to) => page.evaluate(sendFile, { method, to, file: undefined }),
    async message(id) {
      const found = await page.waitForFunction((ID) => window.received.find((message) => message.ID === ID), id)
      return (await found.jsonValue()) as PageMessage
    },
  }
}

/** Runs in the page, so it stands alone. */
async function logIn(user: { sdkAppID: number; userSig: string; userID: string; endpoint: string }): Promise<void> {
  const { TIM } = window
  const chat = TIM.create({ SDKAppID: user.sdkAppID, endpoint: user.endpoint })
  window.chat = chat
  window.received = []
  window.revoked = []
  chat.on(TIM.EVENT['MESSAGE_RECEIVED'] ?? '', ({ data }: { data: PageMessage[] }) => window.received.push(...data))
  chat.on(TIM.EVENT['MESSAGE_REVOKED'] ?? '', ({ data }: { data: PageMessage[] }) => {
    window.revoked.push(...data.map(({ ID }) => ID))
  })
  const isReady = new Promise((resolve) => chat.on(TIM.EVENT['SDK_READY'] ?? '', resolve))
  await chat.login({ userID: user.userID, userSig: user.userSig })
  await isReady
}

/** Runs in the page, so it stands alone. */
async function sendFile({
  method,
  to,
  file,
}: {
  method: CreateMethod
  to: string
  file: { name: string; type: string; base64: string } | undefined
}): Promise<Sending> {
  const bytes = Uint8Array.from(atob(file?.base64 ?? ''), (char) => char.charCodeAt(0))
  const chosen = file ? new File([bytes], file.name, { type: file.type }) : document.querySelector('input')
  const progress: number[] = []
  const message = window.chat[method]({
    to,
    conversationType: 'C2C',
    payload: { file: chosen },
    onProgress: (part) => void progress.push(part),
  })
  window.sent = message
  const code = await window.chat.sendMessage(message).then(
    () => 0,
    (error: { code: number }) => error.code,
  )
  return { code, progress, message: JSON.parse(JSON.stringify(message)) as PageMessage }
}
