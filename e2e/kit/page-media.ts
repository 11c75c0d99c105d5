import type { Page } from 'playwright-core'

// What pages do with pictures, videos and files. All but the first runs in the page, so each stands alone.

/** How an <img> shows it: its size, and the colours above and below. */
export function shown(page: Page, url: string): Promise<unknown> {
  return page.evaluate(async (src) => {
    const image = new Image()
    image.crossOrigin = 'anonymous'
    image.src = src
    await image.decode()
    const { naturalWidth: width, naturalHeight: height } = image
    const canvas = Object.assign(document.createElement('canvas'), { width, height })
    const context = canvas.getContext('2d')
    context?.drawImage(image, 0, 0)
    const colourAt = (y: number): string => {
      const [red = 0, green = 0, blue = 0] = context?.getImageData(width / 2, y, 1, 1).data ?? []
      return red > 200 && blue < 60 && green < 60 ? 'red' : blue > 200 && red < 60 ? 'blue' : `${red} ${green} ${blue}`
    }
    return { size: [width, height], top: colourAt(height * 0.1), bottom: colourAt(height * 0.9) }
  }, url)
}

/** Whether an <img> shows these. */
export function loads(urls: readonly string[]): Promise<boolean[]> {
  return Promise.all(
    urls.map(
      (src) =>
        new Promise<boolean>((resolve) => {
          const image = new Image()
          image.addEventListener('load', () => resolve(true))
          image.addEventListener('error', () => resolve(false))
          image.src = src
        }),
    ),
  )
}

/** Records a canvas that is red and then blue, and puts it into the page's input; gives its size, and its length. */
export async function record(mimeType: string): Promise<{ readonly bytes: number; readonly seconds: number }> {
  const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 240 })
  const context = canvas.getContext('2d')
  const chunks: Blob[] = []
  const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType })
  recorder.addEventListener('dataavailable', ({ data }) => chunks.push(data))
  const stopped = new Promise((resolve) => recorder.addEventListener('stop', resolve))
  recorder.start()
  const startedMs = performance.now()
  await new Promise<void>((resolve) => {
    let frames = 0
    const timer = setInterval(() => {
      if (context) context.fillStyle = frames < 20 ? '#f00' : '#00f'
      context?.fillRect(0, 0, 320, 240)
      if (++frames < 40) return
      clearInterval(timer)
      resolve()
    }, 40)
  })
  recorder.stop()
  const seconds = (performance.now() - startedMs) / 1_000
  await stopped
  const chosen = new DataTransfer()
  const film = new File(chunks, '运动会.mp4', { type: 'video/mp4' })
  chosen.items.add(film)
  const input = document.querySelector('input')
  if (input) input.files = chosen.files
  return { bytes: film.size, seconds }
}

/** Plays a bit, winds to the end and back. */
export async function play(url: string): Promise<unknown> {
  const video = document.createElement('video')
  const heard = (event: string): Promise<void> =>
    new Promise((resolve, reject) => {
      video.addEventListener(event, () => resolve(), { once: true })
      video.addEventListener('error', () => reject(new Error(video.error?.message)), { once: true })
    })
  const colour = (): string => {
    const context = document.createElement('canvas').getContext('2d')
    context?.drawImage(video, 0, 0)
    const [red = 0, green = 0, blue = 0] = context?.getImageData(9, 9, 1, 1).data ?? []
    return red > 180 && blue < 80 ? 'red' : blue > 180 && red < 80 ? 'blue' : `${red} ${green} ${blue}`
  }
  video.crossOrigin = 'anonymous'
  video.muted = true
  video.src = url
  document.body.append(video)
  await heard('loadedmetadata')
  const moved = heard('timeupdate')
  await video.play()
  await moved
  const isPlaying = !video.paused
  video.pause()
  /** The colour there. A busy machine draws it some time after it has been found: until then the old one is to be seen. */
  const windTo = async (seconds: number, before: string): Promise<string> => {
    const there = heard('seeked')
    video.currentTime = seconds
    await there
    const endMs = performance.now() + 5_000
    while (colour() === before && performance.now() < endMs) await new Promise((resolve) => setTimeout(resolve, 20))
    return colour()
  }
  const last = await windTo(video.duration - 0.2, colour())
  const first = await windTo(0.2, last)
  const seekable = Math.abs(video.seekable.end(0) - video.duration) < 0.01
  return { size: [video.videoWidth, video.videoHeight], isPlaying, seekable, first, last }
}

/** Puts a file of random bytes into the page's input; gives its hash. */
export async function chooseLargeFile({ name, bytes: length }: { name: string; bytes: number }): Promise<string> {
  const bytes = new Uint8Array(length)
  for (let at = 0; at < bytes.length; at += 60_000) crypto.getRandomValues(bytes.subarray(at, at + 60_000))
  const chosen = new DataTransfer()
  chosen.items.add(new File([bytes], name, { type: 'application/zip' }))
  const input = document.querySelector('input')
  if (input) input.files = chosen.files
  return String(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
}

export async function fetchHash(url: string): Promise<string> {
  const bytes = await (await fetch(url)).arrayBuffer()
  return String(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
}

export function statuses(urls: readonly string[]): Promise<number[]> {
  return Promise.all(urls.map(async (url) => (await fetch(url)).status))
}
