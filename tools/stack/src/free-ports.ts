import { once } from 'node:events';
import { createServer } from 'node:net';

import { messageOf, PrerequisiteError } from './errors.ts';

const TAKEN = /address already in use|EADDRINUSE|BindException|port is already allocated|could not bind/i;
const ATTEMPTS = 3;

/**
 * Finds TCP ports of 127.0.0.1 that are free now. All are held until the last is found, so that they differ.
 *
 * @param count number of ports
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
 * Starts something on free ports. Another program can take a port between the search and the use, so a start that
 * fails for that reason is repeated on other ports.
 *
 * @param count number of ports
 * @param start the start itself
 * @throws PrerequisiteError if the ports were taken in every attempt
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
          `Each of the ports tried on 127.0.0.1 (last: ${ports.join(', ')}) is used by another program: end some of the programs that listen here and start again.`,
          { cause: error },
        );
      }
    }
  }
}
