import type { MediaFacts, MediaInspector, UploadRequest, UploadSource } from '../core/client-api.ts'
import { httpFailure, textIn } from './http-failure.ts'

/** Pages that live for days would keep every picture ever sent. */
const MAX_LOCAL_URLS = 200
const INSPECT_MS = 8_000
/** The first frame is black in many films. */
const COVER_AT_SECONDS = 0.1
const COVER_EDGE = 720

/** PUT, with progress: fetch has none. */
export function putFile({ url, source, onProgress, onStarted }: UploadRequest): Promise<void> {
  const body = textIn(source.content) ?? (source.content instanceof Blob ? source.content : undefined)
  if (body === undefined) return Promise.reject(new Error('neither a Blob nor a text'))
  return new Promise((resolve, reject) => {
    const request = openRequest('PUT', url, reject)
    request.upload.addEventListener('progress', ({ loaded, total }) => {
      if (total > 0) onProgress(loaded / total)
    })
    request.addEventListener('load', () => {
      if (request.status === 200) resolve()
      else reject(httpFailure(request.status))
    })
    onStarted?.(() => request.abort())
    // Whatever it is, the server looks at its content.
    request.setRequestHeader('content-type', 'application/octet-stream')
    request.send(body)
  })
}

export function getText(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = openRequest('GET', url, reject)
    request.addEventListener('load', () => {
      if (request.status === 200) resolve(request.responseText)
      else reject(httpFailure(request.status))
    })
    request.send()
  })
}

function openRequest(method: string, url: string, reject: (error: Error) => void): XMLHttpRequest {
  const request = new XMLHttpRequest()
  request.open(method, url)
  for (const event of ['error', 'abort'])
    request.addEventListener(event, () => reject(new Error(`the transfer ended: ${event}`)))
  return request
}

/** What a page can tell of a Blob. */
export function browserInspector(): MediaInspector {
  const localUrls: string[] = []
  return {
    localUrl: (content) => {
      if (!(content instanceof Blob)) return ''
      const url = URL.createObjectURL(content)
      localUrls.push(url)
      for (const old of localUrls.splice(0, localUrls.length - MAX_LOCAL_URLS)) URL.revokeObjectURL(old)
      return url
    },
    inspect: (kind, content) => (content instanceof Blob ? inspect(kind, content) : Promise.resolve({})),
  }
}

/** Opens it in an element that is never shown. What was learned when the time is up has to do. */
function inspect(kind: 'audio' | 'video', blob: Blob): Promise<MediaFacts> {
  const url = URL.createObjectURL(blob)
  const element = document.createElement(kind)
  let facts: MediaFacts = {}
  return new Promise<MediaFacts>((resolve) => {
    const done = (): void => resolve(facts)
    setTimeout(done, INSPECT_MS)
    element.addEventListener('error', done)
    element.addEventListener('loadedmetadata', () => {
      // A recording of the page's own may not know its length: Infinity.
      if (Number.isFinite(element.duration)) facts = { seconds: element.duration }
      if (element instanceof HTMLVideoElement) element.currentTime = Math.min(COVER_AT_SECONDS, element.duration || 0)
      else done()
    })
    element.addEventListener('seeked', () => {
      if (!(element instanceof HTMLVideoElement)) return
      giveFrame(element, (cover) => {
        if (cover !== undefined) facts = { ...facts, cover }
        done()
      })
    })
    element.muted = true
    element.preload = 'auto'
    element.setAttribute('playsinline', '')
    element.src = url
  }).finally(() => {
    element.removeAttribute('src')
    element.load()
    URL.revokeObjectURL(url)
  })
}

/** Gives the frame that is shown as a JPEG, or nothing where the browser does not. */
function giveFrame(video: HTMLVideoElement, give: (cover: UploadSource | undefined) => void): void {
  const { videoWidth, videoHeight } = video
  const scale = Math.min(1, COVER_EDGE / Math.min(videoWidth, videoHeight))
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(videoWidth * scale)
  canvas.height = Math.round(videoHeight * scale)
  const toSource = (blob: Blob | null): UploadSource | undefined =>
    blob === null ? undefined : { name: 'cover.jpg', bytes: blob.size, content: blob }
  try {
    canvas.getContext('2d')?.drawImage(video, 0, 0, canvas.width, canvas.height)
    canvas.toBlob((blob) => give(toSource(blob)), 'image/jpeg', 0.85)
  } catch {
    give(undefined)
  }
}
