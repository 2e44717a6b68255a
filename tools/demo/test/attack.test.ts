import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from '@jest/globals';
import { refusedAtTheDoor } from '../src/hostile/attack.ts';

let server: Server | undefined;

afterEach(() => {
  server?.close();
});

/** Starts a service that gives these responses in order; `given` counts them, and `ask` requests one. */
async function answering(
  ...answers: readonly [status: number, code?: string][]
): Promise<{ given: () => number; ask: () => Promise<Response> }> {
  let given = 0;
  server = createServer((_request, response) => {
    const [status, code] = answers[given]!;
    given += 1;
    response.writeHead(status, { Connection: 'close' }).end(JSON.stringify({ code }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { given: () => given, ask: () => fetch(`http://127.0.0.1:${port}`) };
}

describe('an attack over HTTP', () => {
  test('is repeated while the service is at capacity and sheds all requests', async () => {
    const { given, ask } = await answering(
      [503, 'service.unavailable'],
      [429, 'rate.limited'],
      [401, 'dpop.invalid'],
    );
    expect(await refusedAtTheDoor(ask, 'dpop.invalid')).toEqual({ held: true, shown: '401 dpop.invalid' });
    expect(given()).toBe(3);
  });

  test.each([
    ['is carried out', 202, undefined],
    ['is refused for another reason', 401, 'token.invalid'],
    ['is refused with the status of another reason', 403, 'dpop.invalid'],
  ])('is reported as not held if it %s', async (_what, status, code) => {
    const { ask } = await answering([status, code]);
    expect(await refusedAtTheDoor(ask, 'dpop.invalid')).toMatchObject({ held: false });
  });
});
