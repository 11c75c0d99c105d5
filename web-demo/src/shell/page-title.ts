import { watchEffect } from 'vue'
import { session } from '../im/session.ts'
import { conversations } from '../im/conversations.ts'
import { shellWords } from './words.ts'

const SIZE_PX = 64
const DOT_PX = 13

/** The tab shows how much waits, in its title and as a dot on its icon. */
export function followPageTitle(): void {
  const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]')
  const plain = icon?.href ?? ''
  let dotted: Promise<string> | undefined
  watchEffect(() => {
    const unread = session.userID === '' ? 0 : conversations.unreadTotal
    const name = shellWords.value.name
    document.title = unread > 0 ? `(${unread > 99 ? '99+' : unread}) ${name}` : name
    if (!icon) return
    if (unread === 0) icon.href = plain
    else void (dotted ??= withDot(plain)).then((url) => (icon.href = conversations.unreadTotal > 0 ? url : plain))
  })
}

/** The icon with a red dot, as the address of a picture; the icon itself when it cannot be drawn. */
async function withDot(address: string): Promise<string> {
  const image = new Image(SIZE_PX, SIZE_PX)
  image.src = address
  const canvas = Object.assign(document.createElement('canvas'), { width: SIZE_PX, height: SIZE_PX })
  const context = canvas.getContext('2d')
  try {
    await image.decode()
    if (!context) return address
    context.drawImage(image, 0, 0, SIZE_PX, SIZE_PX)
    context.fillStyle = '#e5392b'
    context.arc(SIZE_PX - DOT_PX, DOT_PX, DOT_PX, 0, 2 * Math.PI)
    context.fill()
    return canvas.toDataURL()
  } catch {
    return address
  }
}
