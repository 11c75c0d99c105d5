import type { ReceiptsService } from '../receipts/receipts-service.ts'
import type { FamilyHandlers } from './handler.ts'

export function receiptHandlers(receipts: ReceiptsService): FamilyHandlers<'receipt'> {
  return {
    'receipt.read': async (caller, body) => ({
      readSeq: await receipts.read(caller, body.conversationId, body.seq),
    }),
  }
}
