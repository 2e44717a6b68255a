import { decodeContracts, type DeclaredContracts } from '@tallystick/interfaces';
import type { Messaging } from '@tallystick/messaging';
import { repeat, type Repeated } from '@tallystick/postgres';
import type { Logger } from '@tallystick/telemetry';

const READ_INTERVAL_MS = 30_000;

/** A release of a service, with the interfaces that it declared. */
export interface DeclaredRelease {
  service: string;
  releaseId: string;
  /** ISO 8601. */
  declaredAt: string;
  /** `payment.create@2` */
  operations: ReadonlySet<string>;
  messages: ReadonlySet<string>;
  /** Of the messages, those that it sends. */
  sends: ReadonlySet<string>;
}

/**
 * The contracts that releases declared on Kafka, read again from time to time: a page must not wait for that. While Kafka is
 * away, those of the last reading stay.
 */
export class DeclaredReleases {
  readonly #messaging: Pick<Messaging, 'declarations'>;
  readonly #logger: Pick<Logger, 'warn'>;
  #known: readonly DeclaredRelease[] = [];
  #reading: Repeated | undefined;

  constructor(messaging: Pick<Messaging, 'declarations'>, logger: Pick<Logger, 'warn'>) {
    this.#messaging = messaging;
    this.#logger = logger;
  }

  /** The releases, those that were declared last first. */
  get all(): readonly DeclaredRelease[] {
    return this.#known;
  }

  /** Begins to read; the first reading is under way when it returns. */
  start(): void {
    const read = (): Promise<void> => this.#read();
    const failed = (error: unknown): void => this.#logger.warn({ err: error }, 'console.releases_not_read');
    read().catch(failed);
    this.#reading = repeat(READ_INTERVAL_MS, read, failed);
  }

  async stop(): Promise<void> {
    await this.#reading?.stop();
  }

  async #read(): Promise<void> {
    const declared = await this.#messaging.declarations();
    const known = new Map(this.#known.map((one) => [`${one.service} ${one.releaseId}`, one]));
    const releases = declared.map(({ service, releaseId, declaredAt, contracts }): DeclaredRelease => {
      const before = known.get(`${service} ${releaseId}`);
      if (before !== undefined) return { ...before, declaredAt };
      const decoded = this.#decoded({ releaseId, contracts });
      return {
        service,
        releaseId,
        declaredAt,
        operations: new Set(Object.keys(decoded?.operations ?? {})),
        messages: new Set(Object.keys(decoded?.messages ?? {})),
        sends: new Set(
          Object.entries(decoded?.messages ?? {}).flatMap(([name, { from }]) =>
            from.includes(service) ? [name] : [],
          ),
        ),
      };
    });
    this.#known = releases.sort((a, b) => (a.declaredAt < b.declaredAt ? 1 : -1));
  }

  #decoded(encoded: { releaseId: string; contracts: string }): DeclaredContracts | undefined {
    try {
      return decodeContracts(encoded);
    } catch (error) {
      // A later release may declare them in another form: its interfaces are then not shown.
      this.#logger.warn({ err: error, releaseId: encoded.releaseId }, 'console.contracts_unreadable');
      return undefined;
    }
  }
}
