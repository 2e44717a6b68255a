import { messages, outcomesOf } from '@tallystick/contracts';
import { seal, sealBatch } from '@tallystick/security';
import { aCapture } from './message-samples.ts';
import { perCore, type Bench } from './rates.ts';
import { makeTrust } from './trust.ts';

const BATCH = 100;
const TOPIC = outcomesOf('acme');

/** Measures sealing, compared with a bare signature: one per message, and one per batch. */
export const sealBench: Bench = {
  name: 'seal',
  summary: 'sealing a message; limit: an Ed25519 signature of the same bytes',
  async run(use) {
    const { service } = await makeTrust();
    const sender = { issuer: service.id, signingKey: service.key };
    const data = Array.from({ length: BATCH }, aCapture);
    const [sample] = await Promise.all(
      data.map((one) => seal(messages.paymentCaptured, one, { ...sender, nowMs: Date.now(), topic: TOPIC })),
    );
    const signedBytes = Buffer.from(sample!.value.slice(0, sample!.value.lastIndexOf('.')));
    const rawSign = perCore(async () => {
      await Promise.all(data.map(() => service.key.signer.sign(signedBytes)));
      return BATCH;
    });
    await use([
      {
        name: 'seal, one signature per message',
        unit: 'messages/s/core',
        round: perCore(async () => {
          const nowMs = Date.now();
          await Promise.all(
            data.map((one) => seal(messages.paymentCaptured, one, { ...sender, nowMs, topic: TOPIC })),
          );
          return BATCH;
        }),
        limit: { what: `Ed25519 signature of ${signedBytes.length} bytes`, round: rawSign },
      },
      {
        name: `seal, one signature per ${BATCH} messages`,
        unit: 'messages/s/core',
        round: perCore(async () => {
          const unsealed = data.map((one) => ({
            definition: messages.paymentCaptured as never,
            data: one,
            options: { topic: TOPIC },
          }));
          return (await sealBatch(unsealed, { ...sender, nowMs: Date.now() })).length;
        }),
      },
    ]);
  },
};
