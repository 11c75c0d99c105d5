import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { env } from 'node:process'

/** What a Chinese desktop has for its own texts; a bare Linux would take DejaVu Sans for Latin letters, digits and emoji. */
const FAMILY = 'Noto Sans CJK SC'
const REPLACED = ['system-ui', 'sans-serif', 'DejaVu Sans']

/** The script of emoji, in fontconfig's words. */
const EMOJI = ':lang=und-zsye'

/** Says so when this machine can only draw boxes for emoji. */
export function warnWithoutEmoji(): void {
  if (fontsWith(EMOJI) !== '') return
  console.warn(
    'No font here has emoji: the pictures will show boxes. Install one (apt-get install fonts-noto-color-emoji).',
  )
}

/** One line a font; empty, too, where fontconfig itself is missing. */
function fontsWith(pattern: string): string {
  try {
    return execFileSync('fc-list', [pattern], { encoding: 'utf8' }).trim()
  } catch {
    return ''
  }
}

/** Browsers that this process starts from now on write in it. */
export function preferChineseFonts(folder: string): void {
  const file = join(folder, 'fonts.conf')
  const matches = REPLACED.map(
    (name) => `<match target="pattern"><test name="family"><string>${name}</string></test>
  <edit name="family" mode="assign" binding="strong"><string>${FAMILY}</string></edit></match>`,
  )
  writeFileSync(
    file,
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig><include>/etc/fonts/fonts.conf</include>
${matches.join('\n')}
<selectfont><rejectfont><pattern><patelt name="family"><string>DejaVu Sans</string></patelt></pattern></rejectfont></selectfont>
</fontconfig>`,
  )
  env['FONTCONFIG_FILE'] = file
}
