import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** path → text; a value of undefined leaves the file out. */
export type ProjectFiles = Readonly<Record<string, string | undefined>>

const SOUND: ProjectFiles = {
  'project.config.json': '{"miniprogramRoot":"mini/"}',
  'mini/app.json': JSON.stringify({
    pages: ['pages/home/home'],
    usingComponents: { 'x-card': '/components/card/card' },
  }),
  'mini/app.ts': 'App({})\n',
  'mini/app.wxss': 'page { color: red }\n',
  'mini/pages/home/home.json': '{}',
  'mini/pages/home/home.wxml': '<view bindtap="open"><x-card bind:pick="open">{{name}}</x-card></view>\n',
  'mini/pages/home/home.wxss': '#top { color: red }\n',
  'mini/pages/home/home.ts': 'Page({ data: { name: "" }, open() { wx.login({}) } })\n',
  'mini/components/card/card.json': '{"component":true}',
  'mini/components/card/card.wxml': '<view class="card" bindtap="pick"><slot /></view>\n',
  'mini/components/card/card.wxss': '.card { color: red }\n',
  'mini/components/card/card.ts': 'Component({ methods: { pick() { this.triggerEvent("pick") } } })\n',
}

/** Writes a sound little mini-program with `changes` planted in it, gives its folder, and removes it afterwards. */
export function withProject<T>(changes: ProjectFiles, use: (dir: string) => T): T {
  const dir = mkdtempSync(join(tmpdir(), 'hy-mini-'))
  try {
    for (const [path, text] of Object.entries({ ...SOUND, ...changes })) {
      if (text === undefined) continue
      mkdirSync(dirname(join(dir, path)), { recursive: true })
      writeFileSync(join(dir, path), text)
    }
    return use(dir)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
