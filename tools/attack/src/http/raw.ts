import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectPrivate } from 'node:tls';
import { once } from 'node:events';
import type { CoreServiceName } from '@tallystick/contracts';
import type { World } from '../target/world.ts';

const ANSWERED_WITHIN_MS = 10_000;

/** Opens a connection to a service, for requests that no HTTP library sends. */
export async function connectTo({ stack }: World, service: CoreServiceName): Promise<Socket> {
  const { hostname: host, port, protocol } = new URL(stack.services[service]!);
  const options = { host, port: Number(port) };
  const socket = protocol === 'https:' ? connectPrivate(options) : connectPlain(options);
  socket.on('error', () => {});
  await once(socket, protocol === 'https:' ? 'secureConnect' : 'connect');
  return socket;
}

/**
 * Sends bytes and reads until the server closes the connection.
 * @returns everything that it answered
 */
export async function sendRaw(
  world: World,
  service: CoreServiceName,
  bytes: string | Buffer,
): Promise<string> {
  const socket = await connectTo(world, service);
  const read: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => read.push(chunk));
  const closed = once(socket, 'close', { signal: AbortSignal.timeout(ANSWERED_WITHIN_MS) });
  socket.write(bytes);
  try {
    await closed;
  } catch {
    // An open connection is an answer too: the caller judges what was read.
    socket.destroy();
  }
  return Buffer.concat(read).toString('latin1');
}

/** Returns the statuses of all answers in a stream. */
export function statusesIn(answers: string): string {
  return [...answers.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => status).join(', ') || 'closed';
}
