import type { Message } from '@hongyan/client-sdk'

const ENDINGS: Readonly<Record<number, string>> = { 1: 'jpg', 2: 'gif', 3: 'png', 4: 'bmp' }

/** Pictures have no name in TIM: this is the ending of the one that they are saved under. */
export function endingFor(message: Pick<Message, 'payload'> | undefined): string {
  const format = message?.payload['imageFormat']
  return (typeof format === 'number' ? ENDINGS[format] : undefined) ?? 'webp'
}
