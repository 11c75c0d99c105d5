import type { Way } from './openings.ts'

/** A file that runs, or loads something from elsewhere, where it is taken for what it is not. */
export interface HostileFile {
  readonly name: string
  readonly bytes: Buffer
  /** What a careless server would say it is. */
  readonly carelessType: string
}

const HTML = 'text/html'
const SCRIPT = 'text/javascript'
const FTYP = '\0\0\0\x18ftypisom\0\0\x02\0isomiso2'

/** Each tells `reportUrl` + its name when it runs, marks every window it can reach, and opens a dialog. */
export function hostileFiles(reportUrl: string, realPng: Buffer): readonly HostileFile[] {
  const file = (name: string, carelessType: string, write: (script: string, report: string) => string): HostileFile => {
    const report = reportUrl + encodeURIComponent(name)
    return { name, carelessType, bytes: Buffer.from(write(scriptOf(report), report), 'latin1') }
  }
  const html = (script: string): string => `<!doctype html><body><script>${script}</script>`
  return [
    file('photo.jpg', HTML, html),
    file('page.html', HTML, (script) => `<html><img src=x: onerror="${script}"><svg onload="${script}"></svg></html>`),
    file(
      'away.html',
      HTML,
      (_, report) => `<base href="${report}"><meta http-equiv="refresh" content="0;url=${report}">`,
    ),
    file('page.xhtml', 'application/xhtml+xml', xhtml),
    file(
      'list.xml',
      'text/xml',
      (script) => `<r><h:script xmlns:h="http://www.w3.org/1999/xhtml">${script}</h:script></r>`,
    ),
    file('feed.xml', 'text/xml', transformed),
    file('drawing.svg', 'image/svg+xml', svg),
    file('script.js', SCRIPT, (script) => script),
    file('module.mjs', SCRIPT, (script) => `${script};export default 1`),
    file('style.css', 'text/css', (_, report) => `@import "${report}";`),
    file('letter.pdf', 'application/pdf', pdf),
    // Two things at once, most of them with the head of something that is shown in place.
    file('clip.mp4', HTML, (script) => html(script) + FTYP),
    file('film.mp4', HTML, (script) => FTYP + html(script)),
    file('notice.png', HTML, (script) => realPng.toString('latin1') + html(script)),
    file('dance.gif', SCRIPT, (script) => `GIF89a/*${'\0'.repeat(40)}*/=1;${script}`),
    file('song.mp3', SCRIPT, (script) => `ID3=1;${script}`),
    file('skin.bmp', 'text/css', (_, report) => `BM!{}@import "${report}";`),
  ]
}

const PAGES = ['page.html', 'away.html', 'page.xhtml', 'list.xml', 'drawing.svg', 'clip.mp4', 'film.mp4']
/** What an <embed> or <object> takes for a picture by its name. */
const PAGES_NAMED_OTHERWISE = ['photo.jpg', 'notice.png']
const SCRIPTS = ['script.js', 'dance.gif', 'song.mp3']
const MODULES = ['script.js', 'module.mjs']
const STYLES = ['style.css', 'skin.bmp']

/**
 * What runs by each way if the server is careless. Not among them: what depends on the browser, which is feed.xml (XSLT is
 * going to be removed) and letter.pdf (without a window there is no viewer).
 */
export const CARELESS_RUNS: { readonly [way in Way]: readonly string[] } = {
  iframe: [...PAGES, ...PAGES_NAMED_OTHERWISE],
  object: PAGES,
  embed: PAGES,
  script: SCRIPTS,
  module: MODULES,
  stylesheet: STYLES,
  worker: SCRIPTS,
  'import-scripts': SCRIPTS,
  'service-worker': SCRIPTS,
  // Scripts do not run in these, whoever serves them.
  img: [],
  video: [],
  popup: [...PAGES, ...PAGES_NAMED_OTHERWISE],
  top: [...PAGES, ...PAGES_NAMED_OTHERWISE],
}

/** Fits between double quotes, too. */
function scriptOf(report: string): string {
  return (
    `(function(){var g=self;g.__xss=1;` +
    `[function(){fetch('${report}',{mode:'no-cors'})},function(){new Image().src='${report}'},` +
    `function(){top.__xss=1},function(){parent.postMessage('__xss','*')},function(){opener.postMessage('__xss','*')},` +
    `function(){alert('__xss')}].forEach(function(run){try{run()}catch(e){}})})()`
  )
}

function xhtml(script: string): string {
  return `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body><script>${script}</script></body></html>`
}

function svg(script: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" id="a" onload="${script}"><script>${script}</script></svg>`
}

/** Carries its own style sheet, which makes a page of it. */
function transformed(script: string): string {
  return (
    '<?xml version="1.0"?><?xml-stylesheet type="text/xml" href="#s"?><!DOCTYPE r [<!ATTLIST x:stylesheet id ID #REQUIRED>]>' +
    '<r><x:stylesheet id="s" version="1.0" xmlns:x="http://www.w3.org/1999/XSL/Transform"><x:template match="/">' +
    `<html><body><script>${script}</script></body></html></x:template></x:stylesheet></r>`
  )
}

function pdf(script: string, report: string): string {
  return (
    `%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert\\(1\\);${script.replaceAll(/[()\\]/g, '\\$&')})>>` +
    `/AA<</WC<</S/URI/URI(${report})>>>>>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n`
  )
}
