import { once } from 'node:events';
import { createServer } from 'node:net';

import { messageOf, PrerequisiteError } from './errors.ts';

const TAKEN = /address already in use|EADDRINUSE|BindException|port is already allocated|could not bind/i;
const ATTEMPTS = 3;

/**
 * Finds TCP ports of 127.0.0.1 that are free now. They are held together until all are known, so no two are equal.
 *
 * @param count how many
 * @returns the port numbers
 */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  return Promise.all(
    servers.map(async (server) => {
      const address = server.address();
      server.close();
      await once(server, 'close');
      if (address === null || typeof address === 'string') throw new Error('the server has no port');
      return address.port;
    }),
  );
}

/**
 * Starts something on free ports. Another program can take a port between the look and the use of it, so a start
 * that fails because of that is tried again on other ports.
 *
 * @param count how many ports it needs
 * @param start the start itself
 * @throws PrerequisiteError when the ports were taken each time
 */
export async function onFreePorts<T>(count: number, start: (ports: number[]) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const ports = await freePorts(count);
    try {
      return await start(ports);
    } catch (error) {
      if (!TAKEN.test(messageOf(error))) throw error;
      if (attempt === ATTEMPTS) {
        throw new PrerequisiteError(
          `Each of the ports tried on 127.0.0.1 (last: ${ports.join(', ')}) was taken by another program: end some of the programs that listen here and start again.`,
          { cause: error },
        );
      }
    }
  }
}
