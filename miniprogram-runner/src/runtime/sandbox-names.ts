/** What WeChat gives a module of a mini-program beyond require, module and exports, in the order of the wrapper. */
export const SCOPE_NAMES = [
  'wx',
  'App',
  'Page',
  'Component',
  'Behavior',
  'getApp',
  'getCurrentPages',
  'globalThis',
] as const

/**
 * Names that Chromium has and WeChat's logic layer has not: a module sees `undefined`, as on a phone. They are parameters
 * of an outer function, so that the program may still declare `const URL = …` itself.
 */
export const SHADOWED_NAMES = [
  'window self global top parent frames opener document location history navigator screen',
  'localStorage sessionStorage indexedDB caches cookieStore',
  'fetch XMLHttpRequest WebSocket EventSource Headers Request Response FormData WebTransport RTCPeerConnection',
  'URL URLSearchParams TextEncoder TextDecoder Blob File FileReader ReadableStream WritableStream CompressionStream',
  'crypto Crypto performance atob btoa structuredClone queueMicrotask AbortController AbortSignal',
  'Event EventTarget CustomEvent MessageChannel BroadcastChannel Worker SharedWorker ServiceWorker WebAssembly',
  'Node Element HTMLElement Document DOMParser MutationObserver IntersectionObserver ResizeObserver',
  'Image Audio Notification alert confirm prompt open close print postMessage addEventListener removeEventListener',
  'dispatchEvent requestAnimationFrame cancelAnimationFrame requestIdleCallback matchMedia getComputedStyle',
  'process Buffer setImmediate clearImmediate __dirname __filename eval',
].flatMap((line) => line.split(' '))
