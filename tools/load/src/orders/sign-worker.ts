/** Seals orders on a thread of its own, so that signing takes no time from sending on time. */
import { parentPort, workerData } from 'node:worker_threads';
import { messages } from '@tallystick/contracts';
import { importSigningKey, loadPrivateJwk, seal, type SealedEnvelope } from '@tallystick/security';
import type { CaptureData, CreateData } from './order.ts';

export interface SignWorkerData {
  producerId: string;
  privateJwkFile: string;
  /** Full name of the topic. */
  topic: string;
}

export interface ToSign {
  create: CreateData;
  capture: CaptureData | undefined;
}

export interface Signed {
  create: SealedEnvelope;
  capture: SealedEnvelope | undefined;
}

/** Orders are signed ahead of time, and may wait for their turn. The longest that policy allows. */
const LIFETIME_S = 3_600;

const { producerId, privateJwkFile, topic } = workerData as SignWorkerData;
const signingKey = await importSigningKey(await loadPrivateJwk(privateJwkFile));

async function sign({ create, capture }: ToSign): Promise<Signed> {
  const options = { issuer: producerId, signingKey, topic, nowMs: Date.now(), lifetimeS: LIFETIME_S };
  const sealed = await seal(messages.paymentCreate, create, options);
  if (capture === undefined) return { create: sealed, capture };
  return { create: sealed, capture: await seal(messages.paymentCapture, capture, options) };
}

// One chunk after the other: answers come in the order of the questions.
let last = Promise.resolve();
parentPort!.on('message', (orders: ToSign[]) => {
  last = last.then(async () => parentPort!.postMessage(await Promise.all(orders.map(sign)), []));
});
