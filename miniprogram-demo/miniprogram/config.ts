/** What a school sets before it publishes its mini-program. */
export interface Config {
  /** The school's server. WeChat wants https and a listed domain in production; devtools also open plain addresses. */
  readonly endpoint: string
  /** Templates of subscription messages, three at most, from WeChat's console. */
  readonly templateIDs: readonly string[]
}

const DEFAULTS: Config = { endpoint: 'http://127.0.0.1:3000', templateIDs: [] }

/** The settings above; what stands in WeChat's ext.json wins, so that one code serves many schools. */
export function readConfig(): Config {
  const ext = wx.getExtConfigSync ? wx.getExtConfigSync() : {}
  return { ...DEFAULTS, ...ext }
}

/** Shown in "about". */
export const VERSION = '0.1.0'
