/** The language's own globals, which every engine of WeChat has. */
const LANGUAGE_NAMES = [
  'Array ArrayBuffer Boolean DataView Date Error EvalError Float32Array Float64Array Int8Array Int16Array Int32Array',
  'JSON Map Math Number Object Promise Proxy RangeError ReferenceError Reflect RegExp Set String Symbol SyntaxError',
  'TypeError URIError Uint8Array Uint8ClampedArray Uint16Array Uint32Array WeakMap WeakSet BigInt Intl',
  'decodeURI decodeURIComponent encodeURI encodeURIComponent isFinite isNaN parseFloat parseInt',
  'Infinity NaN undefined console',
].flatMap((line) => line.split(' '))
const TIMERS = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval']

/** `globalThis` of the program: the language and timers, nothing of the browser. */
export function makeSandboxGlobal(): Record<string, unknown> {
  const global: Record<string, unknown> = {}
  for (const name of LANGUAGE_NAMES) global[name] = Reflect.get(globalThis, name)
  for (const name of TIMERS) {
    const timer: unknown = Reflect.get(globalThis, name)
    // The browser's timers must be called on the window.
    if (typeof timer === 'function') global[name] = timer.bind(globalThis)
  }
  global['globalThis'] = global
  return global
}
