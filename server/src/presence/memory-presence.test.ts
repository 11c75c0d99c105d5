import { MemoryPresence } from './memory-presence.ts'
import { describePresence } from './presence.contract.ts'

describePresence('MemoryPresence', () => new MemoryPresence())
