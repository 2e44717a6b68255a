import { services, type EnvelopeClaims } from '@tallystick/contracts';
import { ContractsInputError, decodeContracts } from '@tallystick/interfaces';
import type { Declaration } from '@tallystick/messaging';
import { repeat, type Repeated } from '@tallystick/postgres';
import { countUndeclared, type Logger } from '@tallystick/telemetry';

const LOOK_INTERVAL_MS = 10_000;

type Sent = Pick<EnvelopeClaims, 'iss' | 'type' | 'version'>;

/**
 * Counts messages of services that no release of their sender declared to send: something signs with the key of a service
 * and is not one of its releases. Contracts are read only if an unknown type, version or sender appears.
 */
export class UndeclaredMessages {
  readonly #options: { read: () => Promise<Declaration[]>; logger: Logger };
  readonly #declared = new Set<string>();
  readonly #reported = new Set<string>();
  /** Messages since the last look, by what was sent. */
  readonly #unknown = new Map<string, { sent: Sent; count: number }>();
  readonly #looking: Repeated;

  constructor(options: { read: () => Promise<Declaration[]>; logger: Logger; intervalMs?: number }) {
    this.#options = options;
    this.#looking = repeat(
      options.intervalMs ?? LOOK_INTERVAL_MS,
      () => this.#look(),
      (fault) => options.logger.warn({ err: fault }, 'contracts.not_read'),
    );
  }

  /** Notes a message that passed all checks. */
  note({ iss, type, version }: Sent): void {
    if (!(services as readonly string[]).includes(iss)) return;
    const name = nameOf({ iss, type, version });
    if (this.#declared.has(name)) return;
    const noted = this.#unknown.get(name);
    if (noted === undefined) this.#unknown.set(name, { sent: { iss, type, version }, count: 1 });
    else noted.count += 1;
  }

  stop(): Promise<void> {
    return this.#looking.stop();
  }

  async #look(): Promise<void> {
    if (this.#unknown.size === 0) return;
    for (const declaration of await this.#options.read()) this.#take(declaration);
    for (const [name, { sent, count }] of this.#unknown) {
      this.#unknown.delete(name);
      if (this.#declared.has(name)) continue;
      const { iss: by, type, version } = sent;
      countUndeclared({ type, version, by }, count);
      if (this.#reported.has(name)) continue;
      this.#reported.add(name);
      this.#options.logger.warn({ type, version, by }, 'contracts.message_undeclared');
    }
  }

  #take(declaration: Declaration): void {
    try {
      const { service: iss, messages } = decodeContracts(declaration);
      for (const [address, { from }] of Object.entries(messages))
        if (from.includes(iss)) this.#declared.add(`${iss} ${address}`);
    } catch (error) {
      if (!(error instanceof ContractsInputError)) throw error;
      this.#options.logger.warn({ err: error, service: declaration.service }, 'contracts.unreadable');
    }
  }
}

function nameOf({ iss, type, version }: Sent): string {
  return `${iss} ${type}@${version}`;
}
