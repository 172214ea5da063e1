import type { ItemBankId } from '../shared/contract/ids.ts';
import { ItemBankIdCodec, parseRow } from '../shared/rows.ts';
import * as z from '../shared/zod.ts';

/** A message of the delivery queue. It only says which item to compare with the bank, and why. */
export interface DeliveryMessage {
  itemBankId: ItemBankId;
  /** GitHub's name of the event: `push`. */
  event: string;
  action?: string;
  /** The commits at the branch before and after a push. Messages of earlier releases lack them. */
  before?: string;
  after?: string;
  /** GitHub's id of the delivery. */
  deliveryId: string;
}

const MessageCodec: z.ZodMiniType<DeliveryMessage> = z.object({
  itemBankId: ItemBankIdCodec,
  event: z.string(),
  action: z.exactOptional(z.string()),
  before: z.exactOptional(z.string()),
  after: z.exactOptional(z.string()),
  deliveryId: z.string(),
});

/** @throws SyncError `RowInvalid`. */
export function parseMessage(body: string): DeliveryMessage {
  let content: unknown;
  try {
    content = JSON.parse(body);
  } catch {
    // The codec rejects undefined.
  }
  return parseRow(MessageCodec, content, 'a message of the delivery queue');
}
