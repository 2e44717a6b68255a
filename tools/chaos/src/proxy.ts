import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { pipeline, Transform, type TransformCallback } from 'node:stream';

/** A TCP proxy on 127.0.0.1 whose connections can be cut, refused and slowed down while it runs. */
export class Proxy {
  /** Port to which connections are forwarded. */
  targetPort: number | undefined;
  /** Delay of each chunk of data, in milliseconds. */
  delayMs = 0;
  /** Whether new connections are refused. */
  isCut = false;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => this.#pass(socket));
  }

  static async listen(targetPort?: number): Promise<Proxy> {
    const server = createServer({ noDelay: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new Proxy(server);
    proxy.targetPort = targetPort;
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Resets every connection at once. @returns the number of connections */
  cut(): number {
    const count = this.#sockets.size / 2;
    for (const socket of this.#sockets) socket.resetAndDestroy();
    return Math.round(count);
  }

  async close(): Promise<void> {
    this.#server.close();
    this.cut();
    await once(this.#server, 'close');
  }

  #pass(incoming: Socket): void {
    if (this.isCut || this.targetPort === undefined) {
      incoming.resetAndDestroy();
      return;
    }
    const outgoing = connect({ port: this.targetPort, host: '127.0.0.1', noDelay: true });
    for (const socket of [incoming, outgoing]) {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    }
    // Broken connections are the purpose of this proxy: the other side breaks too, without further effects.
    const end = (): void => {
      incoming.destroy();
      outgoing.destroy();
    };
    pipeline(incoming, this.#slow(), outgoing, end);
    pipeline(outgoing, this.#slow(), incoming, end);
  }

  #slow(): Transform {
    return new Transform({
      transform: (chunk: Buffer, _encoding, done: TransformCallback) => {
        if (this.delayMs === 0) done(null, chunk);
        else setTimeout(() => done(null, chunk), this.delayMs);
      },
    });
  }
}
