import { describe, expect, test } from 'vitest'
import { AppFiles } from '../src/build/app-files.ts'
import { compileWxss, translateSelector } from '../src/build/wxss.ts'
import { scratch } from './kit/scratch.ts'

function compile(files: Readonly<Record<string, string>>): string {
  return compileWxss(new AppFiles(scratch(files), undefined), 'a.wxss', 'marked')
    .replaceAll(/\s+/g, ' ')
    .trim()
}

describe('translateSelector', () => {
  test.each([
    ['page', 'wx-page'],
    ['.a.b > view:first-child::after', '.__scope__a.__scope__b > wx-view:first-child::after'],
    ['#top .a', '[exparser\\:info-attr-id="top"] .__scope__a'],
    [':host', '[wx-host="__host__"]'],
    ['.list:not(.empty) text', '.__scope__list:not(.__scope__empty) wx-text'],
    ['*', ':is(wx-page, wx-page *)'],
  ])('%s', (selector, expected) => {
    expect(translateSelector(selector, 'marked')).toBe(expected)
  })

  test("app.wxss's classes carry no mark", () => {
    expect(translateSelector('.a view', 'bare')).toBe('.a wx-view')
  })
})

describe('compileWxss', () => {
  test('lengths are translated, in values and in media queries', () => {
    const css = compile({ 'a.wxss': '.a { width: 375rpx; height: calc(100vh - 7.5rpx); margin: -15rpx 0rpx }' })
    expect(css).toBe('.__scope__a { width: 50vw; height: calc(calc(var(--mp-vh) * 100) - 1vw); margin: -2vw 0px }')
  })

  test('the safe area is that of the frame, and names with rpx in them stay', () => {
    const css = compile({
      'a.wxss': '.a { padding-bottom: calc(env(safe-area-inset-bottom) + 2px); background: url(x-10rpx.png) }',
    })
    expect(css).toBe('.__scope__a { padding-bottom: calc(var(--mp-safe-bottom) + 2px); background: url(x-10rpx.png) }')
  })

  test('imports are taken in where they stand, relative to the file that writes them', () => {
    const css = compile({
      'a.wxss': "@import './b/c.wxss';\n.a { color: red }",
      'b/c.wxss': "@import '../d';\n.c { color: green }",
      'd.wxss': '.d { color: blue }',
    })
    expect(css).toBe('.__scope__d { color: blue } .__scope__c { color: green } .__scope__a { color: red }')
  })

  test('steps of an animation are no tags', () => {
    const css = compile({ 'a.wxss': '@keyframes turn { from { top: 0 } 50% { top: 75rpx } to { top: 0 } }' })
    expect(css).toBe('@keyframes turn { from { top: 0 } 50% { top: 10vw } to { top: 0 } }')
  })

  test('what is not CSS is refused with its line', () => {
    expect(() => compile({ 'a.wxss': '.a {}\n.b { color' })).toThrow(/^a\.wxss:2: /)
  })

  test('a missing import and a circle of imports are refused by name', () => {
    expect(() => compile({ 'a.wxss': "@import './gone.wxss';" })).toThrow('gone.wxss: no such file')
    expect(() => compile({ 'a.wxss': "@import './b.wxss';", 'b.wxss': "@import './a.wxss';" })).toThrow(
      'a.wxss: imports itself: a.wxss → b.wxss → a.wxss',
    )
  })
})
