import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { argv } from 'node:process'
import { launchBrowser } from '../e2e/kit/browser.ts'
import { startServer } from '../e2e/kit/server.ts'
import { ROOT } from './root.ts'
import { openAlbum } from './screenshots/album.ts'
import { openDesk } from './screenshots/desk.ts'
import { preferChineseFonts, warnWithoutEmoji } from './screenshots/fonts.ts'
import { photographPhone } from './screenshots/phone-pages.ts'
import { FIRST_DAY, playSchoolDays } from './screenshots/school-days.ts'
import { schoolClock, TIME_ZONE } from './screenshots/school-clock.ts'
import { openSchool } from './screenshots/school.ts'
import { photographWeb } from './screenshots/web-pages.ts'

// npm run screenshots [-- folder]: plays days at a school on the real server and photographs both demos.

process.env['TZ'] = TIME_ZONE
const folder = mkdtempSync(join(tmpdir(), 'hongyan-screenshots-'))
preferChineseFonts(folder)
warnWithoutEmoji()
const clock = schoolClock(folder, FIRST_DAY)
const album = openAlbum(argv[2] ?? join(ROOT, 'docs/screenshots'))
// Somebody's wide and narrow window are open at the same time.
const server = await startServer({ ...clock.settings, INSTANCES_PER_DEVICE: '2' })
const browser = await launchBrowser()
try {
  const school = await openSchool(server, clock)
  await playSchoolDays(school)
  const desk = openDesk(browser, server, clock)
  await photographPhone(browser, server, clock, album)
  await photographWeb(desk, album)
  await album.sideBySide(['mini-conversations', 'mini-chat', 'mini-class', 'mini-class-chat-dark'], 'mini-program')
  album.close()
  await school.leave()
} finally {
  await browser.close()
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}
