import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkProject } from '../src/check/check.ts'
import { withProject, type ProjectFiles } from './kit/written-project.ts'

function faultsOf(changes: ProjectFiles): readonly string[] {
  return withProject(changes, checkProject).faults.map(({ rule, file, line }) => `${rule} ${file}:${line}`)
}

const home = (extension: string): string => `mini/pages/home/home.${extension}`
const card = (extension: string): string => `mini/components/card/card.${extension}`
const APP = 'mini/app.json'

test('a sound mini-program has no fault, and its reach is counted', () => {
  const result = withProject({}, checkProject)
  expect(result).toMatchObject({ faults: [], pages: 1, components: 1, scripts: 3 })
  expect(result.packages[0]?.bytes).toBeGreaterThan(300)
})

test('a folder without app.json is refused', () => {
  expect(() => withProject({ 'mini/app.json': undefined }, checkProject)).toThrow('no app.json')
})

const PLANTED: readonly (readonly [title: string, changes: ProjectFiles, fault: string])[] = [
  ['a page that has no template', { [home('wxml')]: undefined }, 'page-files pages/home/home.wxml:0'],
  ['a page that has no script', { [home('ts')]: undefined }, 'page-files pages/home/home.ts:0'],
  ['a component whose json does not say so', { [card('json')]: '{}' }, 'page-files components/card/card.json:0'],
  [
    'a component path that leads nowhere',
    { [home('json')]: '{"usingComponents":{"x-gone":"../gone/gone"}}' },
    'component-path pages/home/home.json:0',
  ],
  ['JSON that is none', { [home('json')]: '{,}' }, 'app-json pages/home/home.json:0'],
  ['a tag nobody answers', { [home('wxml')]: '<view>\n<x-gone /></view>' }, 'unknown-component pages/home/home.wxml:2'],
  ['a tag without an end', { [home('wxml')]: '<view>\n<text></view>' }, 'wxml-syntax pages/home/home.wxml:2'],
  ['a binding that is no expression', { [home('wxml')]: '<view a="{{b c}}" />' }, 'wxml-syntax pages/home/home.wxml:1'],
  ['wx-if', { [home('wxml')]: '<view\nwx-if="{{a}}" />' }, 'wxml-subset pages/home/home.wxml:2'],
  ['an empty binding', { [home('wxml')]: '<view>\n\n{{ }}</view>' }, 'wxml-subset pages/home/home.wxml:3'],
  ['an HTML entity', { [home('wxml')]: '<view>&copy;</view>' }, 'wxml-subset pages/home/home.wxml:1'],
  [
    'a template that is not there',
    { [home('wxml')]: '<import src="./a.wxml" />' },
    'wxml-reference pages/home/home.wxml:1',
  ],
  [
    'a wxs that is not there',
    { [home('wxml')]: '<wxs module="m" src="./m.wxs" />' },
    'wxml-reference pages/home/home.wxml:1',
  ],
  [
    'a picture that is not there',
    { [home('wxml')]: '<image src="/a.png" />' },
    'wxml-reference pages/home/home.wxml:1',
  ],
  ['a misspelt handler', { [home('wxml')]: '<view\nbindtap="opne" />' }, 'wxml-handler pages/home/home.wxml:2'],
  ['a misspelt catch handler', { [home('wxml')]: '<view catch:tap="opne" />' }, 'wxml-handler pages/home/home.wxml:1'],
  [
    'a component handler outside of methods',
    { [card('ts')]: 'Component({ pick() {} })' },
    'wxml-handler components/card/card.wxml:1',
  ],
  ['a brace that never closes', { [home('wxss')]: '.a {\ncolor: red' }, 'wxss-syntax pages/home/home.wxss:1'],
  [
    'an imported sheet that is not there',
    { [home('wxss')]: '\n@import "./a.wxss";' },
    'wxss-import pages/home/home.wxss:2',
  ],
  [
    'a remote picture',
    { [home('wxss')]: '.a { background: url(https://a/b.png) }' },
    'wxss-url pages/home/home.wxss:1',
  ],
  [
    'a remote font',
    { [card('wxss')]: '@font-face { font-family: t; src: url("//a/t.woff") }' },
    'wxss-url components/card/card.wxss:1',
  ],
  [
    'an id selector in a component',
    { [card('wxss')]: '\n#a { top: 0 }' },
    'wxss-component-selector components/card/card.wxss:2',
  ],
  [
    'a tag selector in a component',
    { [card('wxss')]: '.a view { top: 0 }' },
    'wxss-component-selector components/card/card.wxss:1',
  ],
  [
    'an attribute selector in a component',
    { [card('wxss')]: '[a] { top: 0 }' },
    'wxss-component-selector components/card/card.wxss:1',
  ],
  [':has', { [home('wxss')]: '.a:has(.b) { top: 0 }' }, 'wxss-too-new pages/home/home.wxss:1'],
  ['aspect-ratio', { [home('wxss')]: '.a { aspect-ratio: 1 }' }, 'wxss-too-new pages/home/home.wxss:1'],
  ['nested rules', { [home('wxss')]: '.a { .b { top: 0 } }' }, 'wxss-too-new pages/home/home.wxss:1'],
  ['TypeScript that does not parse', { [home('ts')]: 'Page({ open() {} )' }, 'script-syntax pages/home/home.ts:1'],
  [
    'an import that leads nowhere',
    { 'mini/app.ts': '\nimport { a } from "./gone"\nApp({ a })' },
    'script-import app.ts:2',
  ],
  [
    'an npm package that is not there',
    { 'mini/app.ts': 'const a = require("gone")\nApp(a)' },
    'script-import app.ts:1',
  ],
  ['a wx name that WeChat lacks', { 'mini/app.ts': 'App({})\nwx.lgoin({})' }, 'script-wx-name app.ts:2'],
  ['a wx name in brackets', { 'mini/app.ts': 'App({})\nwx["lgoin"]()' }, 'script-wx-name app.ts:2'],
  ['window', { 'mini/app.ts': 'App({ a: window.name })' }, 'script-global app.ts:1'],
  ['a WebSocket', { 'mini/app.ts': 'App({ a: () => new WebSocket("wss://a") })' }, 'script-global app.ts:1'],
  ['eval', { 'mini/app.ts': 'App({ a: () => eval("1") })' }, 'script-eval app.ts:1'],
  ['new Function', { 'mini/app.ts': 'App({ a: new Function("return 1") })' }, 'script-eval app.ts:1'],
  ['a timer with text', { 'mini/app.ts': 'App({})\nsetTimeout("a()", 1)' }, 'script-eval app.ts:2'],
  [
    'a theme variable that the dark part lacks',
    {
      [APP]: JSON.stringify({
        pages: ['pages/home/home'],
        usingComponents: { 'x-card': '/components/card/card' },
        themeLocation: 'theme.json',
        window: { navigationBarBackgroundColor: '@bar' },
      }),
      'mini/theme.json': '{"light":{"bar":"#fff"},"dark":{}}',
    },
    'app-json app.json:0',
  ],
  ['no pages', { [APP]: '{"pages":[]}' }, 'app-json app.json:0'],
  [
    'a tab that is no page',
    {
      [APP]:
        '{"pages":["pages/home/home"],"usingComponents":{"x-card":"/components/card/card"},"tabBar":{"list":[{"pagePath":"pages/home/home","text":"a"},{"pagePath":"b","text":"b"}]}}',
    },
    'app-json app.json:0',
  ],
  ['a picture of two megabytes', { 'mini/big.png': 'x'.repeat(2 * 1024 * 1024) }, 'package-size app.json:0'],
]

test.each(PLANTED)('%s is found', (_title, changes, fault) => {
  expect(faultsOf(changes)).toContain(fault)
})

test('a planted fault is the only one told', () => {
  expect(faultsOf({ [home('wxml')]: '<view\nbindtap="opne" />' })).toEqual(['wxml-handler pages/home/home.wxml:2'])
})

const ALLOWED: readonly (readonly [title: string, changes: ProjectFiles])[] = [
  [
    'a handler from a behavior in another file',
    {
      [home('ts')]: 'import { opening } from "./opening"\nComponent({ behaviors: [opening], methods: {} })',
      'mini/pages/home/opening.ts': 'export const opening = Behavior({ methods: { open() {} } })',
    },
  ],
  [
    'a handler that is spread in',
    {
      [home('ts')]: 'import { more } from "./more"\nPage({ ...more })',
      'mini/pages/home/more.ts': 'export const more = { open() {} }',
    },
  ],
  ['a handler by expression', { [home('wxml')]: '<view bindtap="{{name}}" />' }],
  ['a guarded global', { 'mini/app.ts': 'const has = typeof window !== "undefined"\nApp({ has })' }],
  ['a global that the file declares', { 'mini/app.ts': 'const URL = (a: string) => a\nApp({ a: URL("b") })' }],
  ['a member named like a global', { 'mini/app.ts': 'const a = { process: 1 }\nApp({ b: a.process })' }],
  ['a type named like a global', { 'mini/app.ts': 'let a: URL | undefined\nApp({ a })' }],
  ["Function('return this')", { 'mini/app.ts': "App({ a: Function('return this')() })" }],
  ['types imported from nowhere', { 'mini/app.ts': 'import type { A } from "elsewhere"\nApp({} as A)' }],
  ['a tag in a comment', { [home('wxml')]: '<!-- <x-gone bindtap="gone" /> --><view />' }],
  ['a comparison inside a binding', { [home('wxml')]: '<view wx:if="{{a < b && b > c}}" bindtap="open" />' }],
  ['keyframes in a component', { [card('wxss')]: '@keyframes a { from { top: 0 } 50% { top: 1px } to { top: 2px } }' }],
  ['a data address', { [card('wxss')]: '.a { background: url("data:image/png;base64,AA==") }' }],
  [
    'an npm component',
    {
      [home('json')]: '{"usingComponents":{"t-a":"tdesign/a/a"}}',
      [home('wxml')]: '<t-a />',
      'mini/miniprogram_npm/tdesign/a/a.json': '{"component":true}',
      'mini/miniprogram_npm/tdesign/a/a.wxml': '<view>&copy;</view>',
      'mini/miniprogram_npm/tdesign/a/a.js': 'Component({ a: window })',
      'mini/miniprogram_npm/tdesign/a/a.wxss': '#a { top: 0 }',
    },
  ],
]

test.each(ALLOWED)('%s is allowed', (_title, changes) => {
  expect(faultsOf(changes)).toEqual([])
})

test('unreached npm code is not in the package, reached code and assets are', () => {
  const bytes = (changes: ProjectFiles): number => withProject(changes, checkProject).packages[0]?.bytes ?? 0
  const alone = bytes({})
  expect(bytes({ [join('mini/miniprogram_npm/a/index.js')]: 'x'.repeat(5_000) })).toBe(alone)
  expect(bytes({ 'mini/a.png': 'x'.repeat(5_000) })).toBe(alone + 5_000)
})

test('a sub-package is measured by itself', () => {
  const app = {
    pages: ['pages/home/home'],
    subPackages: [{ root: 'more', pages: ['a/a'] }],
    usingComponents: { 'x-card': '/components/card/card' },
  }
  const { packages, faults } = withProject(
    { [APP]: JSON.stringify(app), 'mini/more/a/a.wxml': '<view />', 'mini/more/a/a.ts': 'Page({})' },
    checkProject,
  )
  expect(faults).toEqual([])
  expect(packages.map((each) => each.package)).toEqual(['', 'more'])
})
