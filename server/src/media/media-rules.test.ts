import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cleanFileName, contentDisposition } from './file-name-rules.ts'
import { contentTypeOf, isJsonDocument, isOfKind, isShownInPlace } from './format-rules.ts'
import { copySize } from './picture-rules.ts'

describe('the size of a copy', () => {
  test('has the shorter edge asked for, and the same shape', () => {
    expect(copySize({ width: 4000, height: 3000 }, 198)).toEqual({ width: 264, height: 198 })
    expect(copySize({ width: 3000, height: 4000 }, 720)).toEqual({ width: 720, height: 960 })
  })

  test('is absent where the picture is small enough already', () => {
    expect(copySize({ width: 198, height: 5000 }, 198)).toBeUndefined()
    expect(copySize({ width: 199, height: 199 }, 198)).toEqual({ width: 198, height: 198 })
  })

  test('is never larger than the picture, nor longer than a format can write, nor empty', () => {
    const edge = fc.integer({ min: 1, max: 100_000_000 })
    fc.assert(
      fc.property(edge, edge, fc.constantFrom(198, 720), (width, height, shorter) => {
        const size = copySize({ width, height }, shorter)
        if (!size) return
        expect(Math.min(size.width, size.height)).toBeGreaterThanOrEqual(1)
        expect(Math.min(size.width, size.height)).toBeLessThanOrEqual(shorter)
        expect(Math.max(size.width, size.height)).toBeLessThanOrEqual(16_000)
      }),
    )
  })
})

describe('a file name', () => {
  test('has no folder, no invisible characters, and is never empty', () => {
    expect(cleanFileName('C:\\Users\\me\\成绩.xlsx')).toBe('成绩.xlsx')
    expect(cleanFileName('\u202egpj.exe')).toBe('gpj.exe')
    for (const nothing of ['', '.', '..', '...', '/', 'a/', '\0', '  ']) expect(cleanFileName(nothing)).toBe('file')
    expect(cleanFileName(`${'x'.repeat(254)}😀`)).toHaveLength(254)
  })

  test('whatever it is, the header holds one line of ASCII that gives it back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (any) => {
        const name = cleanFileName(any)
        expect(name).not.toMatch(/[/\\\0\r\n]/)
        const header = contentDisposition('attachment', name)
        const [, ascii = '', encoded = ''] =
          /^attachment; filename="([\x20-\x7e]*)"; filename\*=UTF-8''([\w!#$&+.^`|~%-]*)$/.exec(header) ?? []
        expect(ascii).not.toMatch(/["\\]/)
        expect(decodeURIComponent(encoded)).toBe(name)
      }),
    )
  })
})

describe('formats', () => {
  test('a kind takes only what it can show; anything may be a file', () => {
    expect(['jpg', 'png', 'gif', 'bmp', 'webp'].map((format) => isOfKind('image', format))).toEqual(Array(5).fill(true))
    for (const format of ['', 'svg', 'xml', 'html', 'tif', 'heic', 'pdf', 'constructor', 'toString', '__proto__']) {
      expect(isOfKind('image', format)).toBe(false)
      expect(isOfKind('audio', format)).toBe(false)
      expect(isOfKind('video', format)).toBe(false)
      expect(isOfKind('file', format)).toBe(true)
      expect(isShownInPlace(format)).toBe(false)
    }
    expect([isOfKind('audio', 'mp4'), isOfKind('video', 'mp4'), isOfKind('audio', 'mov')]).toEqual([true, true, false])
  })

  test('nothing is served as something that a browser would run', () => {
    for (const format of ['svg', 'xml', 'html', 'js', 'swf', '', '__proto__']) {
      expect(contentTypeOf('file', format)).toBe('application/octet-stream')
    }
    expect([contentTypeOf('audio', 'mp4'), contentTypeOf('video', 'mp4')]).toEqual(['audio/mp4', 'video/mp4'])
  })

  test('a document of JSON is an object or a list', () => {
    expect(['{}', ' [1]\n', '1', 'null', '', '{', '<html>'].map(isJsonDocument)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
      false,
    ])
  })
})
