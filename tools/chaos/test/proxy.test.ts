import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Proxy } from '../src/proxy.ts';

let echo: Server;
let proxy: Proxy;

beforeEach(async () => {
  echo = createServer((socket) => void socket.pipe(socket).on('error', () => socket.destroy()));
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  proxy = await Proxy.listen((echo.address() as AddressInfo).port);
});

afterEach(async () => {
  await proxy.close();
  echo.close();
  await once(echo, 'close');
});

async function dial(): Promise<Socket> {
  const socket = connect({ port: proxy.port, host: '127.0.0.1' });
  await once(socket, 'connect');
  return socket;
}

async function ask(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return answer.toString();
}

/** Resolves with the reason why a socket ended. */
async function ending(socket: Socket): Promise<string> {
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
  return error.code ?? '';
}

describe('the proxy', () => {
  test('forwards data in both directions', async () => {
    const socket = await dial();
    expect(await ask(socket, 'pay')).toBe('pay');
    socket.destroy();
  });

  test('delays data in each direction', async () => {
    const socket = await dial();
    proxy.delayMs = 60;
    const began = performance.now();
    expect(await ask(socket, 'late')).toBe('late');
    expect(performance.now() - began).toBeGreaterThanOrEqual(115);
    socket.destroy();
  });

  test('cuts every connection, and refuses others until it is repaired', async () => {
    const socket = await dial();
    await ask(socket, 'before');
    const ended = ending(socket);
    proxy.isCut = true;
    expect(proxy.cut()).toBe(1);
    expect(await ended).toBe('ECONNRESET');
    expect(await ending(connect({ port: proxy.port, host: '127.0.0.1' }))).toBe('ECONNRESET');
    proxy.isCut = false;
    const again = await dial();
    expect(await ask(again, 'after')).toBe('after');
    again.destroy();
  });
});
