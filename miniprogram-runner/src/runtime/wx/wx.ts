import type { CreateWx, Host } from '../host.ts'
import { BUILTINS } from '../builtins/builtins.ts'
import { createAudio } from './audio.ts'
import { createCalls } from './calls.ts'
import { createDevice } from './device.ts'
import { createFileSystem } from './file-system.ts'
import { filesOf } from './files.ts'
import { createInteraction } from './interaction.ts'
import { createMedia } from './media.ts'
import { createNavigation } from './navigation.ts'
import { Network } from './network.ts'
import { createOpenAbility } from './open-ability.ts'
import { permissionsOf } from './permissions.ts'
import { createPreview } from './preview.ts'
import { createQueries } from './query.ts'
import { createRecorder } from './recorder.ts'
import { createRequests } from './request.ts'
import { createSockets } from './socket.ts'
import { createStorage } from './storage.ts'
import { createSystem } from './system.ts'
import type { WxParts } from './parts.ts'

/** The `wx` of one simulated user. */
export const createWx: CreateWx = (host) => {
  const calls = createCalls(host)
  const parts: WxParts = {
    host,
    calls,
    files: filesOf(host),
    network: new Network(host, calls),
    permissions: permissionsOf(host, calls),
  }
  const members: Record<string, unknown> = {
    ...createSystem(parts),
    ...createNavigation(parts),
    ...createInteraction(parts),
    ...createPreview(parts),
    ...createRequests(parts),
    ...createSockets(parts),
    ...createStorage(parts),
    ...createFileSystem(parts),
    ...createMedia(parts),
    ...createRecorder(parts),
    ...createAudio(parts),
    ...createQueries(parts),
    ...createOpenAbility(parts),
    ...createDevice(parts),
  }
  members['canIUse'] = (schema: unknown) => canUse(members, String(schema))
  setMockControls(host)
  return members
}

/** `'showToast'`, `'showToast.object.title'`; of components it knows the name only. */
function canUse(members: Readonly<Record<string, unknown>>, schema: string): boolean {
  const [name = '', ...rest] = schema.split('.')
  if (name in members) return true
  return rest.length === 0 && BUILTINS.some(({ tag }) => tag === name)
}

function setMockControls(host: Host): void {
  host.controls.set('mock', (name, value) => {
    if (value === undefined || value === null) host.mocks.delete(String(name))
    else host.mocks.set(String(name), value)
  })
}
