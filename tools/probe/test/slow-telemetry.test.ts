import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fund } from '@tallystick/attack';
import type { StepResult } from '../src/steps.ts';
import { startProbedSystem, type ProbedSystem } from './probed-system.ts';

const TIMEOUT_MS = 180_000;
/** A payment has dozens of spans: if each waited two seconds for the collector, no step would end in this time. */
const STEP_WITHIN = ['--timeout', '5s', '--json'];

/** A collector that takes each request and answers none. */
const sockets = new Set<Socket>();
const collector = createServer((socket) => {
  sockets.add(socket);
  // A service that gives up resets the connection.
  socket.on('error', () => socket.destroy());
  socket.resume();
});

let probed: ProbedSystem | undefined;

beforeAll(async () => {
  collector.listen(0, '127.0.0.1');
  await once(collector, 'listening');
}, TIMEOUT_MS);

afterAll(async () => {
  await probed?.stop();
  for (const socket of sockets) socket.destroy();
  collector.close();
}, TIMEOUT_MS);

test(
  'a collector that never answers, and one that is away, cost a payment nothing',
  async () => {
    probed = await startProbedSystem(`http://127.0.0.1:${(collector.address() as AddressInfo).port}`);
    const { stderr } = await probed.probe();
    await fund(probed.world.operators, [/acc_[0-9a-f-]{36}/.exec(stderr)![0]]);

    expect(await outcomesOf(probed)).toEqual(new Set(['held']));
    // Otherwise the services did not speak to it, and the test would show nothing.
    expect(sockets.size).toBeGreaterThan(0);

    for (const socket of sockets) socket.destroy();
    collector.close();
    await once(collector, 'close');
    expect(await outcomesOf(probed)).toEqual(new Set(['held']));
  },
  TIMEOUT_MS,
);

/** Pays over HTTP and Kafka. @returns the outcomes of the steps */
async function outcomesOf({ probe }: ProbedSystem): Promise<Set<string>> {
  const { stdout } = await probe(STEP_WITHIN);
  return new Set((JSON.parse(stdout) as { steps: StepResult[] }).steps.map(({ outcome }) => outcome));
}
