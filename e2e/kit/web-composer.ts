import type { Locator, Page } from 'playwright-core'

/** A file as a person has it on the machine. */
export interface ChosenFile {
  readonly name: string
  readonly mimeType: string
  readonly buffer: Buffer
}

/** Where one writes in the open conversation, and what one has sent. */
export interface WebComposer {
  readonly field: Locator
  readonly dialog: Locator
  readonly messages: Locator
  /** The message with this text in it, the newest one. */
  message(text: string): Locator
  /** Writes and presses Enter. */
  say(text: string): Promise<void>
  button(name: string): Locator
  /** Through the system's dialog. */
  choose(button: string, files: readonly ChosenFile[]): Promise<void>
  paste(files: readonly ChosenFile[]): Promise<void>
  /** Moves them over the chat; `drop` lets go. */
  drag(files: readonly ChosenFile[]): Promise<void>
  drop(files: readonly ChosenFile[]): Promise<void>
}

export function composerOf(page: Page): WebComposer {
  const composer = page.locator('.composer')
  const field = composer.locator('textarea')
  const messages = page.locator('.message')
  const give = (event: GivenEvent, files: readonly ChosenFile[]): Promise<void> =>
    page.evaluate(giveFiles, { event, files: files.map(withoutBuffer) })
  return {
    field,
    messages,
    dialog: page.locator('dialog[open]'),
    message: (text) => messages.filter({ hasText: text }).last(),
    async say(text) {
      await field.fill(text)
      await field.press('Enter')
    },
    button: (name) => composer.getByRole('button', { name, exact: true }),
    async choose(button, files) {
      const choosing = page.waitForEvent('filechooser')
      await composer.getByRole('button', { name: button, exact: true }).click()
      await (await choosing).setFiles([...files])
    },
    paste: (files) => give('paste', files),
    drag: (files) => give('dragover', files),
    drop: (files) => give('drop', files),
  }
}

type GivenEvent = 'paste' | 'dragover' | 'drop'

function withoutBuffer({ name, mimeType, buffer }: ChosenFile) {
  return { name, mimeType, base64: buffer.toString('base64') }
}

/** Runs in the page, so it stands alone. */
function giveFiles({
  event,
  files,
}: {
  event: GivenEvent
  files: readonly { name: string; mimeType: string; base64: string }[]
}): void {
  const transfer = new DataTransfer()
  for (const { name, mimeType, base64 } of files) {
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))
    transfer.items.add(new File([bytes], name, { type: mimeType }))
  }
  const field = document.querySelector('.composer textarea')
  const common = { bubbles: true, cancelable: true }
  if (event === 'paste') {
    field?.dispatchEvent(new ClipboardEvent('paste', { ...common, clipboardData: transfer }))
    return
  }
  // Over the thread, which is above the composer.
  const thread = document.querySelector('.composer')?.parentElement
  const box = thread?.getBoundingClientRect()
  const [clientX, clientY] = [(box?.left ?? 0) + 40, (box?.top ?? 0) + 120]
  thread?.dispatchEvent(new DragEvent(event, { ...common, dataTransfer: transfer, clientX, clientY }))
}

/** A microphone that hears a tone, in place of the machine's: what follows in this page records it. */
export async function plugInMicrophone(page: Page): Promise<void> {
  await page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () => {
      const context = new AudioContext()
      const output = context.createMediaStreamDestination()
      const tone = context.createOscillator()
      tone.connect(output)
      tone.start()
      return Promise.resolve(output.stream)
    }
  })
}

/** A second of film, red and then blue. */
export async function film(page: Page, name: string): Promise<ChosenFile> {
  const base64 = await page.evaluate(recordFilm)
  return { name, mimeType: 'video/mp4', buffer: Buffer.from(base64, 'base64') }
}

/** Runs in the page, so it stands alone. */
async function recordFilm(): Promise<string> {
  const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 180 })
  const context = canvas.getContext('2d')
  const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: 'video/mp4;codecs=vp9' })
  const chunks: Blob[] = []
  recorder.addEventListener('dataavailable', ({ data }) => chunks.push(data))
  const stopped = new Promise((resolve) => recorder.addEventListener('stop', resolve))
  recorder.start()
  await new Promise<void>((resolve) => {
    let frames = 0
    const timer = setInterval(() => {
      if (context) context.fillStyle = frames < 15 ? '#f00' : '#00f'
      context?.fillRect(0, 0, 320, 180)
      if (++frames < 30) return
      clearInterval(timer)
      resolve()
    }, 40)
  })
  recorder.stop()
  await stopped
  const bytes = new Uint8Array(await new Blob(chunks).arrayBuffer())
  return btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), ''))
}
