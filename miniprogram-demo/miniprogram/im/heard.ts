/** Which recordings were listened to on this device: the server does not keep that. */

const KEY = 'heard'
const MOST_KEPT = 500
let heard: Set<string> | undefined

function load(): Set<string> {
  if (heard === undefined) {
    const stored = wx.getStorageSync<unknown>(KEY)
    heard = new Set(Array.isArray(stored) ? stored.map(String) : [])
  }
  return heard
}

export function isHeard(id: string): boolean {
  return load().has(id)
}

export function markHeard(id: string): void {
  const all = load()
  if (all.has(id)) return
  all.add(id)
  const kept = [...all].slice(-MOST_KEPT)
  heard = new Set(kept)
  void wx.setStorage({ key: KEY, data: kept })
}
