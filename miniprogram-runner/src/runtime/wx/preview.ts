import { WxFailure } from './calls.ts'
import { typeOfName } from './files.ts'
import { element, openLayer } from './overlay.ts'
import { isRecord, listIn, numberIn, textIn, textsIn } from './options.ts'
import type { WxParts } from './parts.ts'

interface Shown {
  readonly url: string
  readonly kind: 'image' | 'video'
}

/** previewImage, previewMedia and openDocument: full screen; a tap closes, an arrow key or a swipe turns the page. */
export function createPreview(parts: WxParts): Readonly<Record<string, unknown>> {
  const { calls } = parts
  return {
    previewImage: calls.async('previewImage', (options) => {
      const urls = textsIn(options, 'urls')
      if (urls.length === 0) throw new WxFailure('parameter error: parameter.urls should have at least 1 item')
      const current = options['current']
      const index = typeof current === 'number' ? current : Math.max(0, urls.indexOf(String(current)))
      showGallery(
        parts,
        urls.map((url) => ({ url, kind: 'image' })),
        index,
      )
    }),
    previewMedia: calls.async('previewMedia', (options) => {
      const shown = listIn(options, 'sources')
        .filter(isRecord)
        .map((source): Shown => {
          const kind = textIn(source, 'type') === 'video' ? 'video' : 'image'
          return { url: textIn(source, 'url') ?? '', kind }
        })
      if (shown.length === 0) throw new WxFailure('parameter error: parameter.sources should have at least 1 item')
      showGallery(parts, shown, numberIn(options, 'current') ?? 0)
    }),
    openDocument: calls.async('openDocument', (options) => {
      const path = textIn(options, 'filePath') ?? ''
      const { size } = parts.files.stat(path)
      showDocument(parts, path, `${textIn(options, 'fileType') ?? typeOfName(path)} · ${size} B`)
    }),
  }
}

const SWIPE_PX = 40

function showGallery(parts: WxParts, all: readonly Shown[], first: number): void {
  let index = Math.min(Math.max(0, first), all.length - 1)
  const layer = openLayer(parts.host.frame.overlay, 'mp-gallery', () => layer.remove())
  const stage = element('mp-gallery-stage')
  const count = element('mp-gallery-count')
  layer.append(stage, count)
  const show = (): void => {
    const current = all[index]
    if (current === undefined) return
    stage.replaceChildren(viewOf(parts, current))
    count.textContent = all.length > 1 ? `${index + 1} / ${all.length}` : ''
  }
  const turn = (by: number): void => {
    index = Math.min(Math.max(0, index + by), all.length - 1)
    show()
  }
  let fromX: number | undefined
  stage.addEventListener('pointerdown', (event) => (fromX = event.clientX))
  stage.addEventListener('pointerup', (event) => {
    const moved = fromX === undefined ? 0 : event.clientX - fromX
    fromX = undefined
    if (Math.abs(moved) > SWIPE_PX) turn(moved < 0 ? 1 : -1)
    else if (!(event.target instanceof HTMLVideoElement)) layer.remove()
  })
  show()
}

function viewOf({ files }: WxParts, { url, kind }: Shown): HTMLElement {
  const made = kind === 'video' ? document.createElement('video') : document.createElement('img')
  made.className = 'mp-gallery-view'
  made.src = files.urlOf(url) ?? url
  made.draggable = false
  if (made instanceof HTMLVideoElement) made.controls = true
  return made
}

function showDocument(parts: WxParts, path: string, about: string): void {
  const layer = openLayer(parts.host.frame.overlay, 'mp-document')
  const head = element('mp-document-head')
  const back = element('mp-document-back', '‹')
  back.addEventListener('click', () => layer.remove())
  head.append(back, element('mp-document-title', path.split('/').at(-1)))
  layer.append(head, element('mp-document-body', about))
  parts.host.report.note(`openDocument: ${path}`)
}
