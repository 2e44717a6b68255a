import { once } from 'node:events';
import { operations } from '@tallystick/contracts';
import { verdict, type Attack, type Verdict } from '../../attack.ts';
import { ask, shown } from '../../http/ask.ts';
import { connectTo } from '../../http/raw.ts';
import type { World } from '../../target/world.ts';

/** A server ends a connection with unfinished headers after 10 s, with an unfinished body after 20 s. */
const ENDED_WITHIN_MS = 27_000;
const DRIP_MS = 2_000;

/** Opens connections that send a piece from time to time, and waits until the server has ended all. */
async function drip(world: World, count: number, begin: string, piece: string): Promise<Verdict> {
  const service = 'account';
  const startMs = performance.now();
  const sockets = await Promise.all(Array.from({ length: count }, () => connectTo(world, service)));
  const ends = sockets.map((socket) =>
    once(socket, 'close', { signal: AbortSignal.timeout(ENDED_WITHIN_MS) }),
  );
  for (const socket of sockets) {
    socket.resume();
    socket.write(begin);
  }
  const drips = setInterval(
    () => sockets.forEach((socket) => socket.writable && socket.write(piece)),
    DRIP_MS,
  );
  try {
    const honest = await ask(world.victim.client, operations.accountList);
    if (honest.status !== 200) return { held: false, shown: `meanwhile: ${shown(honest)}` };
    await Promise.all(ends);
    const seconds = Math.round((performance.now() - startMs) / 1_000);
    return verdict('ended', seconds * 1_000 <= ENDED_WITHIN_MS ? 'ended' : `${seconds} s`);
  } finally {
    clearInterval(drips);
    for (const socket of sockets) socket.destroy();
  }
}

function slowAttack(name: string, count: number, begin: string, piece: string): Attack {
  return {
    name: `slow.${name}`,
    on: 'connections of account',
    run: (world) => drip(world, count, begin, piece),
  };
}

/** Attacks that hold connections by sending slowly. Meanwhile others are served. */
export const slowAttacks: readonly Attack[] = [
  slowAttack('headers', 100, 'GET /v1/accounts HTTP/1.1\r\nHost: x\r\n', 'X-Slow: a\r\n'),
  slowAttack(
    'body',
    100,
    'POST /v1/accounts HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
    ' ',
  ),
  slowAttack(
    'chunks',
    20,
    'POST /v1/accounts HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
    '1\r\n \r\n',
  ),
];
