import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A connection between a client and a server that can lose answers. */
export interface CuttingProxy {
  url: string;
  /** The port of the server. */
  upstreamPort: number;
  /** The number of coming answers that are lost: the server has sent each, and the client's connection breaks. */
  lostAnswers: number;
  close(): Promise<void>;
}

/** Starts a proxy on a free port. */
export async function startCuttingProxy(): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(proxy.upstreamPort, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      // The other side of a broken connection ends too; the test sees its own error.
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream);
    upstream.on('data', (answer) => {
      if (proxy.lostAnswers === 0) {
        client.write(answer);
        return;
      }
      proxy.lostAnswers -= 1;
      client.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy: CuttingProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    upstreamPort: 0,
    lostAnswers: 0,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return proxy;
}
