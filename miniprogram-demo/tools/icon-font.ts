import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import svg2ttf from 'svg2ttf'
import svgpath from 'svgpath'

/** The drawings are 24 wide and high; a font counts upwards, in units. */
const EDGE = 24
const UNITS = 1200
const FIRST_CODE = 0xe001

/** The icons by name, with the path that each is. */
export function readIcons(folder: string): ReadonlyMap<string, string> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.svg'))
  files.sort()
  return new Map(files.map((file) => [basename(file, '.svg'), pathIn(join(folder, file))]))
}

function pathIn(file: string): string {
  const [, path] = /<path d="([^"]+)"/.exec(readFileSync(file, 'utf8')) ?? []
  if (path === undefined) throw new Error(`${file} has no path`)
  return path
}

/** Writes a stylesheet that holds the font itself, so that no request is made for it, and one class for each icon. */
export function writeIconFont(icons: ReadonlyMap<string, string>, file: string): void {
  const names = [...icons.keys()]
  const ttf = Buffer.from(svg2ttf(svgFontOf(icons), { ts: 0, version: '1.0' }).buffer).toString('base64')
  const classes = names.map(
    (name, index) => `.hy-${name}::before {\n  content: '\\${codeOf(index).toString(16)}';\n}\n`,
  )
  writeFileSync(
    file,
    `/* Made by tools/make-icons.ts from icons/. */\n@font-face {\n  font-family: hy-icon;\n` +
      `  src: url(data:font/ttf;base64,${ttf}) format('truetype');\n}\n\n${classes.join('\n')}`,
  )
}

function codeOf(index: number): number {
  return FIRST_CODE + index
}

function svgFontOf(icons: ReadonlyMap<string, string>): string {
  const scale = UNITS / EDGE
  const glyphs = [...icons].map(([name, path], index) => {
    // Arcs have no place in a TrueType font.
    const outline = svgpath(path).abs().unarc().scale(scale, -scale).translate(0, UNITS).round(1).toString()
    return `<glyph glyph-name="${name}" unicode="&#x${codeOf(index).toString(16)};" d="${outline}"/>`
  })
  return (
    `<svg xmlns="http://www.w3.org/2000/svg"><defs><font id="hy-icon" horiz-adv-x="${UNITS}">` +
    `<font-face font-family="hy-icon" units-per-em="${UNITS}" ascent="${UNITS}" descent="0"/>` +
    `<missing-glyph horiz-adv-x="${UNITS}"/>${glyphs.join('')}</font></defs></svg>`
  )
}
