import type { Config } from './config.ts'
import type { Secret } from './secrets.ts'

/** Every secret text the configuration names, for whoever must keep them out of what he writes. */
export function knownSecrets({ signing, database, broker, media }: Config): readonly string[] {
  const given: readonly Secret[] = [
    ...(signing.secret.kind === 'given' ? [signing.secret.secret] : []),
    ...signing.previousSecrets,
    ...(media.blobs.kind === 's3' ? [media.blobs.secretKey] : []),
  ]
  const addresses = [
    ...(database.kind === 'url' ? [database.url.reveal()] : []),
    ...(broker.kind === 'redis' ? [broker.url.reveal()] : []),
    ...(broker.kind === 'redis-cluster' ? broker.urls.map((url) => url.reveal()) : []),
  ]
  return [...given.map((secret) => secret.reveal()), ...addresses.flatMap(passwordIn)]
}

function passwordIn(address: string): readonly string[] {
  if (!URL.canParse(address)) return []
  const { password } = new URL(address)
  try {
    return [password, decodeURIComponent(password)]
  } catch {
    return [password]
  }
}
