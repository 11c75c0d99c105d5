import type { MediaService } from '../media/media-service.ts'
import type { FamilyHandlers } from './handler.ts'

export function mediaHandlers(media: MediaService): FamilyHandlers<'media'> {
  return {
    'media.ticket': (caller, body) => media.ticket(caller, body),
    'media.info': (caller, body) => media.info(caller, body.fileId),
    'media.token': (caller) => media.token(caller),
  }
}
