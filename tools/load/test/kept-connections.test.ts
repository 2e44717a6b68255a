import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { KeptConnections } from '../src/orders/kept-connections.ts';

let connections: KeptConnections;
const sockets = new Set<Socket>();
const bodies: string[] = [];
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString()));
  request.on('end', () => {
    bodies.push(body);
    response.end('{}');
  });
});
server.on('connection', (socket: Socket) => sockets.add(socket));

beforeEach(async () => {
  connections = new KeptConnections(1);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  connections.close();
  server.close();
  await once(server, 'close');
});

test('a request is sent again if the server closed the idle connection', async () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await connections.post(url, {}, 'first');
  const answer = connections.post(url, {}, 'second');
  // The request is on its way over the kept connection, which the server closes meanwhile.
  for (const socket of sockets) socket.resetAndDestroy();
  expect(await answer).toEqual({ status: 200, text: '{}' });
  expect(bodies).toEqual(['first', 'second']);
});
