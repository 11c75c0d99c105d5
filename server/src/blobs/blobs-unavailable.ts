import { Outage } from '../kit/outage.ts'

/** The store did not answer, or not as it should. The caller may try again. */
export class BlobsUnavailable extends Outage {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options)
    this.name = 'BlobsUnavailable'
  }
}
