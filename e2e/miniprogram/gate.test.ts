import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkProject, describeFault, type CheckResult, type Fault } from '../../miniprogram-runner/src/index.ts'
import { copyParentProject } from '../kit/parent-app.ts'

const MOST_BYTES = 2 * 1024 * 1024

type Rule = Fault['rule']

/** A fault of each family, and where it is planted; no two in one file, where one may hide the other. */
const PLANTED: readonly (readonly [rule: Rule, file: string, plant: (text: string) => string])[] = [
  ['app-json', 'app.json', (text) => text.replace('"pagePath": "pages/me/me"', '"pagePath": "pages/mine/mine"')],
  ['component-path', page('chat.json'), (text) => text.replace('/composer/composer', '/composer/compose')],
  ['wxml-handler', page('chat.wxml'), (text) => text.replace('onOlder', 'onOldr')],
  ['wxss-url', page('chat.wxss'), (text) => `${text}\n.a { background: url(https://cdn.example/a.png) }`],
  ['script-wx-name', page('chat.ts'), (text) => text.replace('wx.nextTick', 'wx.nextTock')],
  ['wxml-syntax', page('join.wxml'), (text) => text.replace('</view>', '')],
  ['wxss-syntax', page('join.wxss'), (text) => text.replace('}', '')],
  ['script-syntax', page('join.ts'), (text) => text.replace('Page({', 'Page(')],
  ['unknown-component', page('classes.wxml'), (text) => text.replaceAll('hy-empty', 'hy-emty')],
  ['script-import', page('classes.ts'), (text) => text.replace('../../im/gate', '../../im/gte')],
  ['script-global', page('me.ts'), (text) => `${text}\nlocalStorage.clear()`],
  ['script-eval', page('about.ts'), (text) => `${text}\neval('1')`],
]

describe("the static gate over the parents' mini-program", () => {
  let folder: string
  let result: CheckResult

  beforeAll(async () => {
    folder = await copyParentProject()
    result = checkProject(folder)
  }, 120_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('finds no fault', () => {
    expect(result.faults.map(describeFault)).toEqual([])
    expect(result.pages).toBeGreaterThan(15)
  })

  test('measures a package that WeChat takes', () => {
    for (const { package: name, bytes } of result.packages) {
      console.log(`${name || 'main package'}: ${Math.ceil(bytes / 1024)} of ${MOST_BYTES / 1024} KB`)
      expect(bytes).toBeLessThanOrEqual(MOST_BYTES)
    }
    expect(result.packages).toHaveLength(1)
  })

  test('finds a planted fault of each family, and a package that has grown too large', () => {
    for (const [, file, plant] of PLANTED) {
      const path = join(folder, 'miniprogram', file)
      const text = readFileSync(path, 'utf8')
      expect(plant(text), file).not.toBe(text)
      writeFileSync(path, plant(text))
    }
    writeFileSync(join(folder, 'miniprogram/images/film.png'), Buffer.alloc(MOST_BYTES))
    const found = checkProject(folder).faults.map(({ rule, file }) => `${rule} ${file}`)
    const planted = PLANTED.map(([rule, file]) => `${rule} ${file}`)
    expect(found).toEqual(expect.arrayContaining([...planted, 'package-size app.json']))
  }, 60_000)
})

function page(file: string): string {
  return `pages/${file.split('.')[0]}/${file}`
}
