import type { ErrorName } from '@hongyan/protocol'
import type { Clock } from '../kit/clock.ts'
import type { Logger } from '../kit/logger.ts'
import type { MediaService } from '../media/media-service.ts'
import type { Uploads } from '../media/uploads.ts'
import type { OriginRule } from './cors.ts'

/** What the routes for files stand on. */
export interface MediaRoutesOptions {
  readonly media: MediaService
  readonly uploads: Uploads
  readonly mayUse: OriginRule
  readonly clock: Clock
  /** How long a sender may be silent. */
  readonly stallMs?: number
  readonly logger: Logger
  /** Counts a refusal by name. */
  readonly onRefused: (name: ErrorName) => void
}
