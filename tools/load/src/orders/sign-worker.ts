/** Seals orders on a separate thread, so that signing does not delay sending. */
import { parentPort, workerData } from 'node:worker_threads';
import { messages } from '@tallystick/contracts';
import {
  importSigningKey,
  loadPrivateJwk,
  seal,
  sealBatch,
  type SealedEnvelope,
  type Unsealed,
} from '@tallystick/security';
import type { CaptureData, CreateData } from './order.ts';

export interface SignWorkerData {
  producerId: string;
  privateJwkFile: string;
  /** Full name of the topic. */
  topic: string;
  /** Whether orders that are signed together share one signature. */
  batch: boolean;
}

export interface ToSign {
  create: CreateData;
  capture: CaptureData | undefined;
}

export interface Signed {
  create: SealedEnvelope;
  capture: SealedEnvelope | undefined;
}

/** Orders are signed in advance, and may wait. This is the longest lifetime that policy allows. */
const LIFETIME_S = 3_600;

const { producerId, privateJwkFile, topic, batch } = workerData as SignWorkerData;
const signingKey = await importSigningKey(await loadPrivateJwk(privateJwkFile));

async function sign({ create, capture }: ToSign): Promise<Signed> {
  const options = { issuer: producerId, signingKey, topic, nowMs: Date.now(), lifetimeS: LIFETIME_S };
  const sealed = await seal(messages.paymentCreate, create, options);
  if (capture === undefined) return { create: sealed, capture };
  return { create: sealed, capture: await seal(messages.paymentCapture, capture, options) };
}

/** Number of orders that a producer would sign at once: those that become due in some milliseconds at full load. */
const BATCH_SIZE = 20;

async function signBatches(orders: readonly ToSign[]): Promise<Signed[]> {
  const signed: Signed[] = [];
  for (let from = 0; from < orders.length; from += BATCH_SIZE) {
    const some = orders.slice(from, from + BATCH_SIZE);
    const options = { topic, lifetimeS: LIFETIME_S };
    const unsealed = some.flatMap(({ create, capture }): Unsealed[] => [
      { definition: messages.paymentCreate as unknown as Unsealed['definition'], data: create, options },
      ...(capture === undefined
        ? []
        : [
            {
              definition: messages.paymentCapture as unknown as Unsealed['definition'],
              data: capture,
              options,
            },
          ]),
    ]);
    const envelopes = await sealBatch(unsealed, { issuer: producerId, signingKey, nowMs: Date.now() });
    let at = 0;
    for (const { capture } of some) {
      const create = envelopes[at++]!;
      signed.push({ create, capture: capture === undefined ? undefined : envelopes[at++]! });
    }
  }
  return signed;
}

// One chunk after another, so that responses have the order of the requests.
let last = Promise.resolve();
parentPort!.on('message', (orders: ToSign[]) => {
  last = last.then(async () =>
    parentPort!.postMessage(batch ? await signBatches(orders) : await Promise.all(orders.map(sign)), []),
  );
});
