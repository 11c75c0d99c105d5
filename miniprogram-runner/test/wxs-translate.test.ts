import { describe, expect, test } from 'vitest'
import { translateWxs } from '../src/build/wxs-translate.ts'

describe('translateWxs', () => {
  test("a constructor's name is asked for by the name that the runtime defines", () => {
    expect(translateWxs(`if (x.constructor === 'Array' && y . constructor) {}`)).toBe(
      `if (x.__wxsType === 'Array' && y .__wxsType) {}`,
    )
  })

  test('strings are left alone, comments go', () => {
    expect(translateWxs(`var a = "x.constructor" // x.constructor\n/* 'it */ var b = 'it\\'s'`)).toBe(
      `var a = "x.constructor"  \n  var b = 'it\\'s'`,
    )
  })

  test("a pattern's backslashes are doubled once, and only a pattern's", () => {
    expect(translateWxs(String.raw`getRegExp('^-?\d+(\\.\d+)?$', 'g'); var line = 'a\nb'`)).toBe(
      String.raw`getRegExp('^-?\\d+(\\.\\d+)?$', 'g'); var line = 'a\nb'`,
    )
  })

  test('a required file loses its extension, as the compiled templates name it', () => {
    expect(translateWxs(`var pad = require("./pad.wxs"); var text = "./pad.wxs"`)).toBe(
      `var pad = require("./pad"); var text = "./pad.wxs"`,
    )
  })
})
