import { messages, outcomesOf } from '@tallystick/contracts';
import { open, seal, sealBatch, type SealedEnvelope } from '@tallystick/security';
import { aCapture, anOrder } from './message-samples.ts';
import { perCore, type Bench, type Round } from './rates.ts';
import { makeTrust, type Trust } from './trust.ts';

const BATCH = 100;

/** Measures opening an envelope, compared with a bare verification. */
export const openBench: Bench = {
  name: 'open',
  summary: 'every check of an envelope; limit: verifying an Ed25519 signature of the same bytes',
  async run(use) {
    const trust = await makeTrust();
    const { producer, service } = trust;
    const nowMs = Date.now();
    const orders = await Promise.all(
      Array.from({ length: BATCH }, () =>
        seal(messages.paymentCreate, anOrder(), {
          issuer: producer.id,
          signingKey: producer.key,
          topic: 'payment.commands.v1',
          nowMs,
          lifetimeS: 3_600,
        }),
      ),
    );
    const events = Array.from({ length: BATCH }, aCapture).map((data) => ({
      definition: messages.paymentCaptured as never,
      data,
      options: { topic: outcomesOf('acme') },
    }));
    const batched = await sealBatch(events, { issuer: service.id, signingKey: service.key, nowMs });
    const [first] = orders;
    const bytes = Buffer.from(first!.value.slice(0, first!.value.lastIndexOf('.')));
    await use([
      {
        name: 'open, one signature per message',
        unit: 'messages/s/core',
        round: opening(trust, 'payment.commands.v1', orders),
        limit: {
          what: `verifying an Ed25519 signature of ${bytes.length} bytes`,
          round: await verifying(trust, bytes),
        },
      },
      {
        name: `open, one signature per ${BATCH} messages`,
        unit: 'messages/s/core',
        round: opening(trust, outcomesOf('acme'), batched),
      },
    ]);
  },
};

function opening({ keyring }: Trust, topic: string, envelopes: readonly SealedEnvelope[]): Round {
  const records = envelopes.map(({ key, value }) => ({ topic, key, value: Buffer.from(value) }));
  return perCore(async () => {
    const nowMs = Date.now();
    const results = await Promise.all(records.map((record) => open(record, { keyring, nowMs })));
    const refused = results.find(({ ok }) => !ok);
    if (refused !== undefined) throw new Error(`an envelope was refused: ${JSON.stringify(refused)}`);
    return records.length;
  });
}

async function verifying({ keyring, producer }: Trust, bytes: Buffer): Promise<Round> {
  const { verifier } = keyring.find(producer.key.kid)!;
  const signature = await producer.key.signer.sign(bytes);
  return perCore(async () => {
    await Promise.all(Array.from({ length: BATCH }, () => verifier.verify(bytes, signature)));
    return BATCH;
  });
}
