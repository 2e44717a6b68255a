import { newJti } from '@tallystick/contracts';
import type { Kafka } from '@tallystick/messaging';
import * as z from 'zod';
import type { Outcome } from './order-book.ts';

const payload = z.object({ data: z.object({ code: z.string().optional() }) });

/**
 * Reads the outcomes of payments. It is lightweight, since it runs next to the measured system: the record's key and
 * its type header are enough. The books are checked afterwards.
 * @returns when every event published from now on will be read
 */
export async function readOutcomes(
  kafka: Kafka,
  topic: string,
  hear: (outcome: Outcome) => void,
): Promise<{ stop(): Promise<void> }> {
  const consumer = kafka.consumer({ groupId: `load.${newJti()}`, maxWaitTimeInMs: 500 });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: false });
  const fetching = new Promise<void>((resolve) => consumer.on(consumer.events.FETCH, () => resolve()));
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch, resolveOffset }) => {
      const atMs = performance.now();
      for (const { key, value, headers, offset } of batch.messages) {
        const type = String(headers?.['ce_type']);
        const ended = type === 'payment.failed' || type === 'payment.command_rejected';
        hear({ paymentId: String(key), type, code: ended ? codeOf(value) : undefined, atMs });
        resolveOffset(offset);
      }
    },
  });
  await fetching;
  return { stop: () => consumer.disconnect() };
}

function codeOf(value: Buffer | null): string | undefined {
  const part = String(value).split('.')[1] ?? '';
  const parsed = payload.safeParse(JSON.parse(Buffer.from(part, 'base64url').toString('utf8')));
  return parsed.success ? parsed.data.data.code : undefined;
}
