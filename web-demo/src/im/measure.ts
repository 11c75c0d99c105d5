export interface Measured {
  readonly width: number
  readonly height: number
}

const DEADLINE_MS = 3_000

/** How large a chosen picture or film is shown; undefined when the browser cannot show it, or not soon. */
export async function measure(as: 'image' | 'video', file: Blob): Promise<Measured | undefined> {
  const url = URL.createObjectURL(file)
  try {
    return await Promise.race([as === 'image' ? measureImage(url) : measureVideo(url), nothingAfter(DEADLINE_MS)])
  } catch {
    return undefined
  } finally {
    URL.revokeObjectURL(url)
  }
}

function measureImage(url: string): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const image = new Image()
    image.addEventListener('load', () => resolve({ width: image.naturalWidth, height: image.naturalHeight }))
    image.addEventListener('error', () => reject(new Error('no picture')))
    image.src = url
  })
}

function measureVideo(url: string): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const video = document.createElement('video')
    video.addEventListener('loadedmetadata', () => resolve({ width: video.videoWidth, height: video.videoHeight }))
    video.addEventListener('error', () => reject(new Error('no film')))
    video.preload = 'metadata'
    video.src = url
  })
}

function nothingAfter(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), ms))
}
