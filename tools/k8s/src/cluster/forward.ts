import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { PrerequisiteError } from '@tallystick/stack';

const RESTART_MS = 300;
const OPEN_TIMEOUT_MS = 60_000;

/** A forward of ports of this machine to a target in the cluster. */
interface Route {
  name: string;
  namespace: string;
  target: string;
  /** `local:remote` each */
  ports: readonly string[];
}

/** Every address in `stack.json`, as in the overlay "local". */
const routes: readonly Route[] = [
  { name: 'auth', namespace: 'tallystick', target: 'service/auth', ports: ['8081:443'] },
  { name: 'account', namespace: 'tallystick', target: 'service/account', ports: ['8082:443'] },
  { name: 'card', namespace: 'tallystick', target: 'service/card', ports: ['8083:443'] },
  { name: 'payment', namespace: 'tallystick', target: 'service/payment', ports: ['8084:443'] },
  { name: 'console', namespace: 'tallystick', target: 'service/console', ports: ['8085:443'] },
  { name: 'kafka', namespace: 'tallystick', target: 'pod/kafka-0', ports: ['19092:19092'] },
  { name: 'postgres', namespace: 'tallystick', target: 'service/postgres', ports: ['15432:5432'] },
  {
    name: 'jaeger',
    namespace: 'tallystick-observability',
    target: 'service/jaeger',
    ports: ['16686:16686', '14318:4318'],
  },
];

/** The ports of this machine, in words. */
export const forwardedPorts = routes
  .map(({ name, ports }) => `${name} ${ports[0]!.split(':')[0]}`)
  .join(', ');

/** A route that is reopened when it closes: a forward targets one pod, and ends with it. */
class KeptForward {
  readonly #route: Route;
  #child: ChildProcess | undefined;
  #isOpen = Promise.withResolvers<void>();
  #said = '';
  #stopping = false;
  #running: Promise<void> = Promise.resolve();

  constructor(route: Route) {
    this.#route = route;
    this.#running = this.#keep();
  }

  /** @throws PrerequisiteError with kubectl's own message if it does not open in time */
  async opened(): Promise<void> {
    const late = AbortSignal.timeout(OPEN_TIMEOUT_MS);
    await Promise.race([
      this.#isOpen.promise,
      new Promise((_, reject) =>
        late.addEventListener('abort', () =>
          reject(new PrerequisiteError(`${this.#route.name} cannot be forwarded: ${this.#said.trim()}`)),
        ),
      ),
    ]);
  }

  /** Forwards to a pod that is running now. */
  async renew(): Promise<void> {
    this.#isOpen = Promise.withResolvers();
    this.#child?.kill();
    await this.opened();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#child?.kill();
    await this.#running;
  }

  async #keep(): Promise<void> {
    const { namespace, target, ports } = this.#route;
    while (!this.#stopping) {
      const child = spawn('kubectl', ['--namespace', namespace, 'port-forward', target, ...ports], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      this.#child = child;
      child.stdout.once('data', () => this.#isOpen.resolve());
      child.stderr.on('data', (text: Buffer) => (this.#said = text.toString('utf8')));
      await new Promise((resolve) => child.once('error', resolve).once('close', resolve));
      if (!this.#stopping) await delay(RESTART_MS);
    }
  }
}

/** The ports of this machine that are forwarded into the cluster. */
export interface Forwards {
  /** Forwards to a running pod of the service. */
  renew(name: string): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Makes a cluster with the overlay "local" reachable at the addresses of its `stack.json`, until stopped.
 * @throws PrerequisiteError if a port does not open
 */
export async function startForwards(): Promise<Forwards> {
  const kept = new Map(routes.map((route) => [route.name, new KeptForward(route)]));
  const stop = async (): Promise<void> => {
    await Promise.all([...kept.values()].map((one) => one.stop()));
  };
  try {
    await Promise.all([...kept.values()].map((one) => one.opened()));
  } catch (error) {
    await stop();
    throw error;
  }
  return { renew: async (name) => kept.get(name)!.renew(), stop };
}
