import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { AppFiles } from '../src/build/app-files.ts'
import { readAppConfig } from '../src/build/app-config.ts'
import { compileApp } from '../src/build/compile-app.ts'
import { componentsBelow, readComponentGraph } from '../src/build/component-graph.ts'
import { readNpmTargets } from '../src/build/npm-targets.ts'
import { compileTemplates } from '../src/build/templates.ts'
import { scratch } from './kit/scratch.ts'

const APP = { 'app.json': '{ "pages": ["pages/a/a"] }', 'app.js': 'App({})' }
const PAGE = { 'pages/a/a.js': 'Page({})', 'pages/a/a.wxml': '<view/>' }

function compile(files: Readonly<Record<string, string>>) {
  const root = scratch(files)
  return compileApp({ root, outDir: join(root, '..', `${root}-out`) })
}

describe('compileApp', () => {
  test.each<[string, Readonly<Record<string, string>>, string]>([
    ['malformed app.json', { 'app.json': '{\n  "pages": ["a",]\n}' }, 'app.json:2: '],
    ['an app without pages', { 'app.json': '{}' }, 'app.json: has no pages'],
    ['a page without script', { ...APP, 'pages/a/a.wxml': '<view/>' }, 'pages/a/a.js: no such file'],
    ['a page without template', { ...APP, 'pages/a/a.js': 'Page({})' }, 'template "pages/a/a.wxml" is not found'],
    ['wrong WXML', { ...APP, ...PAGE, 'pages/a/a.wxml': '<view/>\n<view>{{ a.. }}</view>' }, 'pages/a/a.wxml:2: '],
    [
      'a component that is not there',
      { ...APP, ...PAGE, 'pages/a/a.json': '{ "usingComponents": { "x": "./gone" } }' },
      'pages/a/a.json: component "./gone" is not found',
    ],
    [
      'a component that does not say that it is one',
      {
        ...APP,
        ...PAGE,
        'pages/a/a.json': '{ "usingComponents": { "x": "/x/x" } }',
        'x/x.wxml': '',
        'x/x.js': '',
        'x/x.json': '{}',
      },
      'x/x.json: needs "component": true',
    ],
    [
      'a missing WXS',
      { ...APP, ...PAGE, 'pages/a/a.wxml': '<wxs module="m" src="./m.wxs"/>' },
      'pages/a/m.wxs" is not found',
    ],
  ])('%s is refused by file', async (_what, files, message) => {
    await expect(compile(files)).rejects.toThrow(message)
  })

  test("finds the program by project.config.json, and writes no eval and no browser's name in scope", async () => {
    const root = scratch({
      'project.config.json': '{ "miniprogramRoot": "mp/" }',
      ...Object.fromEntries(Object.entries({ ...APP, ...PAGE }).map(([path, text]) => [`mp/${path}`, text])),
      'mp/images/a.png': 'png',
    })
    const outDir = join(root, 'out')
    const compiled = await compileApp({ root, outDir })
    expect(compiled).toMatchObject({ appRoot: join(root, 'mp'), pages: ['pages/a/a'], components: [], warnings: [] })
    expect(compiled.modules).toEqual(['app.js', 'pages/a/a.js'])
    const script = readFileSync(join(outDir, 'app.js'), 'utf8')
    expect(script).toMatch(/load: function \(wx, App, .*\bfetch, .*\beval\)/)
    expect(readFileSync(join(outDir, 'images/a.png'), 'utf8')).toBe('png')
  })
})

test('a directory that holds something else is not emptied', async () => {
  const root = scratch({ ...APP, ...PAGE, 'precious/letter.txt': 'dear' })
  await expect(compileApp({ root, outDir: join(root, 'precious') })).rejects.toThrow('is not empty')
  expect(readFileSync(join(root, 'precious/letter.txt'), 'utf8')).toBe('dear')
})

test('components come after those that they use, and a circle ends', () => {
  const component = (using: object) => JSON.stringify({ component: true, usingComponents: using })
  const files = new AppFiles(
    scratch({
      'app.json': '{ "pages": ["p"], "usingComponents": { "c": "./c" } }',
      'p.json': '{ "usingComponents": { "a": "./a" } }',
      ...Object.fromEntries(
        ['p', 'a', 'b', 'c'].flatMap((name) => [
          [`${name}.wxml`, ''],
          [`${name}.js`, ''],
        ]),
      ),
      'a.json': component({ b: '/b' }),
      'b.json': component({ a: './a' }),
      'c.json': component({}),
    }),
    undefined,
  )
  const entries = readComponentGraph(files, readAppConfig(files))
  expect(componentsBelow(entries, 'p')).toEqual(['c', 'b', 'a'])
})

test('templates bring along what they import and the WXS that their WXS requires', () => {
  const root = scratch({
    'a.wxml': '<import src="t.wxml"/><wxs module="m" src="m.wxs"/><include src="./i"/>',
    't.wxml': '<template name="t"/>',
    'i.wxml': '<view/>',
    'm.wxs': `module.exports = require('./n.wxs')`,
    'n.wxs': 'module.exports = {}',
  })
  const { code } = compileTemplates(new AppFiles(root, undefined), ['a'])
  for (const name of ['G["t"]', 'G["i"]', 'R["m"]', 'R["n"]']) expect(code).toContain(name)
})

describe('readNpmTargets', () => {
  test('follows packNpmRelationList', () => {
    const project = scratch({
      'project.config.json': JSON.stringify({
        setting: {
          packNpmManually: true,
          packNpmRelationList: [{ packageJsonPath: './package.json', miniprogramNpmDistDir: './mp/' }],
        },
      }),
    })
    expect(readNpmTargets(project)).toEqual([
      { packageJson: join(project, 'package.json'), outDir: join(project, 'mp/miniprogram_npm') },
    ])
  })

  test('else takes the nearest package.json', () => {
    const project = scratch({
      'project.config.json': '{ "miniprogramRoot": "mp" }',
      'mp/app.json': '{}',
      'package.json': '{}',
    })
    expect(readNpmTargets(project)).toEqual([
      { packageJson: join(project, 'package.json'), outDir: join(project, 'mp/miniprogram_npm') },
    ])
  })
})
