import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readIcons, writeIconFont } from './icon-font.ts'
import { writeLogo } from './logo.ts'
import { writeTabIcons } from './tab-icons.ts'

// Run after a change in icons/ or logo/: `npx tsx tools/make-icons.ts`. What it makes is committed.

const root = fileURLToPath(new URL('../', import.meta.url))
const icons = readIcons(`${root}icons`)
mkdirSync(`${root}miniprogram/images`, { recursive: true })
writeIconFont(icons, `${root}miniprogram/components/icon/icon-font.wxss`)
await writeTabIcons(icons, `${root}miniprogram/images`)
await writeLogo(`${root}logo/goose.svg`, `${root}miniprogram/images/logo.png`)
