import { join } from 'node:path'
import sharp from 'sharp'

/** WeChat draws the icons of its tab bar from pictures; 81 pixels are its own advice. */
const EDGE = 81
const TABS = ['chats', 'classes', 'contacts', 'me'] as const
const COLOURS = {
  light: '#6B7573',
  'light-selected': '#0F7B6C',
  dark: '#8D9795',
  'dark-selected': '#4DBDA9',
} as const

export async function writeTabIcons(icons: ReadonlyMap<string, string>, folder: string): Promise<void> {
  for (const tab of TABS) {
    for (const [name, colour] of Object.entries(COLOURS)) {
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${EDGE}" height="${EDGE}" viewBox="-1 -1 26 26"><path fill="${colour}" d="${icons.get(tab) ?? ''}"/></svg>`
      await sharp(Buffer.from(svg))
        .png({ palette: true })
        .toFile(join(folder, `tab-${tab}-${name}.png`))
    }
  }
}
