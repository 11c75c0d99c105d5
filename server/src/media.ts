import { isOriginAllowed } from './gateway/origin-rules.ts'
import type { Foundations } from './foundations.ts'
import type { MediaRoutesOptions } from './http/media-options.ts'
import { Loop } from './kit/loop.ts'
import type { Metrics } from './metrics/metrics.ts'
import { MediaCleaner } from './media/cleaner.ts'
import { MediaService } from './media/media-service.ts'
import { Pictures } from './media/pictures.ts'
import { Tickets } from './media/tickets.ts'
import { Uploads } from './media/uploads.ts'
import { ClamavScanner } from './media/virus-scanner.ts'

const CLEAN_EVERY_MS = 10 * 60_000

/** All that has to do with files. */
export interface BuiltMedia {
  readonly service: MediaService
  readonly routes: MediaRoutesOptions
  readonly cleaner: MediaCleaner
  readonly loop: Loop
}

export function buildMedia(foundations: Foundations, metrics: Metrics): BuiltMedia {
  const { config, pools, blobs, keys, clock, random, logger } = foundations
  const { scanner, maxBytesPerDayPerUser } = config.media
  const tickets = new Tickets(keys, clock)
  const service = new MediaService({ db: pools.sync, blobs, tickets, random, maxBytesPerDay: maxBytesPerDayPerUser })
  const uploads = new Uploads({
    db: pools.sync,
    blobs,
    tickets,
    pictures: new Pictures(),
    scanner: scanner && new ClamavScanner({ ...scanner, logger }),
    clock,
    logger,
  })
  const cleaner = new MediaCleaner({ db: pools.admin, blobs })
  const routes: MediaRoutesOptions = {
    media: service,
    uploads,
    mayUse: (origin, host) => isOriginAllowed(origin, host, config.http.allowedOrigins),
    clock,
    logger,
    onRefused: (name) => metrics.count('refused', { name }),
  }
  const turn = (signal: AbortSignal): Promise<void> => cleaner.clean(signal)
  const loop = new Loop({ name: 'media', everyMs: CLEAN_EVERY_MS, clock, log: logger, turn })
  addMediaReadings(metrics, uploads, cleaner)
  return { service, routes, cleaner, loop }
}

function addMediaReadings(metrics: Metrics, uploads: Uploads, cleaner: MediaCleaner): void {
  metrics.read('uploadsRunning', () => uploads.stats().running)
  metrics.read('uploads', () => uploads.stats().stored)
  metrics.read('uploadBytes', () => uploads.stats().storedBytes)
  metrics.read('blobsRemoved', () => cleaner.removed)
}
