import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';
import { useOwnProtocol } from '../src/wire/kafkajs-protocol.ts';

useOwnProtocol();

interface Request {
  entry: { correlationId: number };
  expectResponse: boolean;
  sendRequest: () => void;
}
interface RequestQueue {
  pending: unknown[];
  throttleCheckTimeoutId: unknown;
  push(request: Request): void;
  maybeThrottle(ms: number): void;
  checkPendingRequests(): void;
  destroy(): void;
}

const RequestQueue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as new (
  options: object,
) => RequestQueue;
const quiet = { debug: () => {}, warn: () => {} };
const queueOf = (): RequestQueue =>
  new RequestQueue({
    instrumentationEmitter: new EventEmitter(),
    maxInFlightRequests: null,
    requestTimeout: 1_000,
    enforceRequestTimeout: false,
    clientId: 'test',
    broker: 'broker',
    logger: quiet,
    isConnected: () => true,
  });

test('a connection without waiting requests has no timer', () => {
  const queue = queueOf();
  queue.checkPendingRequests();
  expect(queue.throttleCheckTimeoutId).toBeNull();
});

test('a throttled request waits for its time, is sent, and leaves no timer behind', async () => {
  const queue = queueOf();
  const startMs = performance.now();
  queue.maybeThrottle(30);
  await new Promise<void>((resolve) =>
    queue.push({ entry: { correlationId: 1 }, expectResponse: true, sendRequest: resolve }),
  );
  expect(performance.now() - startMs).toBeGreaterThan(20);
  await new Promise((resolve) => setImmediate(resolve));
  expect(queue.pending).toEqual([]);
  expect(queue.throttleCheckTimeoutId).toBeNull();
  queue.destroy();
});
