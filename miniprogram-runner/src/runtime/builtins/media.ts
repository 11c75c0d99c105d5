import { filesOf, isPhoneFile } from '../wx/files.ts'
import type { Builtin, BuiltinFace, BuiltinLife } from './define-builtin.ts'

/** Pictures, films and sounds; phone files show their bytes. */
export const MEDIA: readonly Builtin[] = [
  {
    tag: 'image',
    isLeaf: true,
    properties: {
      src: [String, ''],
      mode: [String, 'scaleToFill'],
      lazyLoad: [Boolean, false],
      webp: [Boolean, false],
      showMenuByLongpress: [Boolean, false],
      fadeIn: [Boolean, false],
      alt: [String, ''],
    },
    create: createImage,
  },
  {
    tag: 'cover-image',
    isLeaf: true,
    properties: { src: [String, ''], mode: [String, 'scaleToFill'] },
    create: createImage,
  },
  {
    tag: 'video',
    properties: {
      src: [String, ''],
      poster: [String, ''],
      controls: [Boolean, true],
      autoplay: [Boolean, false],
      loop: [Boolean, false],
      muted: [Boolean, false],
      initialTime: [Number, 0],
      duration: [null, undefined],
      objectFit: [String, 'contain'],
      title: [String, ''],
      showCenterPlayBtn: [Boolean, true],
      showPlayBtn: [Boolean, true],
      showFullscreenBtn: [Boolean, true],
      showProgress: [Boolean, true],
      enableProgressGesture: [Boolean, true],
      direction: [Number, 0],
      playBtnPosition: [String, 'bottom'],
      pictureInPictureMode: [null, ''],
      showMuteBtn: [Boolean, false],
    },
    create: createVideo,
  },
  {
    tag: 'canvas',
    isLeaf: true,
    properties: { type: [String, ''], canvasId: [String, ''], disableScroll: [Boolean, false] },
    create: createCanvas,
  },
]

function urlOf({ host, component }: BuiltinFace, source: string): string {
  if (isPhoneFile(source)) return filesOf(host).urlOf(source) ?? ''
  return host.assetUrl(source, component.ownerShadowRoot?.getHostNode())
}

function createImage(face: BuiltinFace): BuiltinLife {
  const { dom, text, flag, trigger } = face
  const picture = document.createElement('img')
  picture.draggable = false
  picture.alt = ''
  dom.append(picture)
  picture.addEventListener('load', () => {
    const { naturalWidth: width, naturalHeight: height } = picture
    dom.style.setProperty('--wx-image-ratio', `${width} / ${height}`)
    trigger('load', { width, height })
  })
  picture.addEventListener('error', () => {
    picture.classList.add('wx-image-broken')
    if (picture.getAttribute('src') !== '') trigger('error', { errMsg: `GET ${text('src')} failed` })
  })
  return {
    attached: () => dom.setAttribute('mode', text('mode')),
    changed: (name) => {
      if (name === 'mode') dom.setAttribute('mode', text('mode'))
      if (name === 'alt') picture.alt = text('alt')
      if (name === 'lazyLoad') picture.loading = flag('lazyLoad') ? 'lazy' : 'eager'
      if (name !== 'src') return
      picture.classList.remove('wx-image-broken')
      const url = urlOf(face, text('src'))
      if (url === '') picture.removeAttribute('src')
      else picture.src = url
      if (url === '' && text('src') !== '') trigger('error', { errMsg: `file not found ${text('src')}` })
    },
  }
}

const VIDEO_EVENTS = ['play', 'pause', 'ended', 'waiting'] as const

function createVideo(face: BuiltinFace): BuiltinLife {
  const { dom, text, flag, number, trigger } = face
  const video = document.createElement('video')
  video.playsInline = true
  dom.prepend(video)
  for (const name of VIDEO_EVENTS) video.addEventListener(name, () => trigger(name, {}))
  video.addEventListener('timeupdate', () =>
    trigger('timeupdate', { currentTime: video.currentTime, duration: video.duration }),
  )
  video.addEventListener('error', () => trigger('error', { errMsg: `MEDIA_ERR_SRC_NOT_SUPPORTED ${text('src')}` }))
  video.addEventListener('loadedmetadata', () => {
    if (number('initialTime') > 0) video.currentTime = number('initialTime')
    trigger('loadedmetadata', { width: video.videoWidth, height: video.videoHeight, duration: video.duration })
  })
  video.addEventListener('fullscreenchange', () =>
    trigger('fullscreenchange', { fullScreen: document.fullscreenElement === video, direction: 'vertical' }),
  )
  const apply = (): void => {
    video.controls = flag('controls')
    video.autoplay = flag('autoplay')
    video.loop = flag('loop')
    video.muted = flag('muted')
    video.style.objectFit = text('objectFit')
    if (text('poster') !== '') video.poster = urlOf(face, text('poster'))
  }
  return {
    attached: apply,
    detached: () => video.pause(),
    changed: (name) => {
      apply()
      if (name === 'src') video.src = urlOf(face, text('src'))
    },
  }
}

function createCanvas({ dom }: BuiltinFace): BuiltinLife {
  const canvas = document.createElement('canvas')
  dom.append(canvas)
  return {
    attached: () => {
      canvas.width = dom.clientWidth
      canvas.height = dom.clientHeight
    },
  }
}
