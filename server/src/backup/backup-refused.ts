/** It cannot be done with this backup, or with this database; the message says why and what to do. */
export class BackupRefused extends Error {
  override readonly name = 'BackupRefused'
}
