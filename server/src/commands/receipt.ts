import type { ReceiptsService } from '../receipts/receipts-service.ts'
import type { FamilyHandlers } from './handler.ts'

export function receiptHandlers(receipts: ReceiptsService): FamilyHandlers<'receipt'> {
  return {
    'receipt.read': async (caller, body) => ({
      readSeq: await receipts.read(caller, body.conversationId, body.seq),
    }),
    'receipt.send': async (caller, body) => {
      await receipts.send(caller, body.conversationId, body.seqs)
      return {}
    },
    'receipt.counts': async (caller, body) => ({
      counts: [...(await receipts.counts(caller, body.conversationId, body.seqs))],
    }),
    'receipt.readers': (caller, body) => receipts.readers(caller, body),
  }
}
