import type { ExtensionsService } from '../extensions/extensions-service.ts'
import type { FamilyHandlers } from './handler.ts'

export function extensionHandlers(extensions: ExtensionsService): FamilyHandlers<'extension'> {
  return {
    'extension.set': async (caller, body) => {
      await extensions.set(caller, body)
      return {}
    },
    'extension.list': (caller, body) => extensions.list(caller, body),
    'extension.delete': async (caller, body) => ({ keys: [...(await extensions.delete(caller, body))] }),
  }
}
