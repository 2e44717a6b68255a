import type { Writable } from 'node:stream';
import type pg from 'pg';

/** The version of pg that this module was written for; a test fails if another is installed. */
export const PG_VERSION = '8.23.1';

/** The socket of a client, which pg's types leave out. */
export function socketOf(client: pg.ClientBase): Writable {
  return (client as unknown as { connection: { stream: Writable } }).connection.stream;
}

/**
 * Lets the statements that a client sends in this turn leave in one write. pg writes each statement by itself: twelve
 * statements took 14 system calls, and woke the server four times instead of twice.
 * @param sent called when they have left
 */
export function sendInOneWrite(client: pg.ClientBase, sent: () => void): void {
  const socket = socketOf(client);
  socket.cork();
  process.nextTick(() => {
    socket.uncork();
    sent();
  });
}
