import type { Platform } from '../core/client-api.ts'
import { browserTransport } from '../transport/browser.ts'
import { browserInspector, getText, putFile } from './browser-media.ts'
import { timerClock } from './timers.ts'
import { joinWakes } from './wakes.ts'

/** A page in a browser. */
export function browserPlatform(): Platform {
  // Bundles of pages are loaded where there is no page too: when a site is rendered on a server.
  const origin = typeof location === 'undefined' ? '' : location.origin
  return {
    device: 'web',
    clock: timerClock(() => performance.now()),
    random: () => Math.random(),
    transport: browserTransport(),
    onWake,
    upload: putFile,
    fetchText: getText,
    media: browserInspector(),
    // A page from a file has the origin "null".
    ...(origin.startsWith('http') ? { origin } : {}),
  }
}

function onWake(wake: () => void): () => void {
  const joined = joinWakes(wake)
  const onVisible = (): void => {
    if (document.visibilityState === 'visible') joined.wake()
  }
  document.addEventListener('visibilitychange', onVisible)
  addEventListener('online', joined.wake)
  addEventListener('pageshow', joined.wake)
  return () => {
    joined.stop()
    document.removeEventListener('visibilitychange', onVisible)
    removeEventListener('online', joined.wake)
    removeEventListener('pageshow', joined.wake)
  }
}
