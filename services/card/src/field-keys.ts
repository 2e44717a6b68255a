import { ConfigurationError } from '@tallystick/config';
import { transaction, repeat, type Pool, type Repeated, type Transaction } from '@tallystick/postgres';
import { unwrapKey, UnwrapError, type FieldKeys, type KeyPurpose, type KeySet } from '@tallystick/security';
import type { Logger } from '@tallystick/telemetry';
import {
  isDue,
  keepKeys,
  KeysMissingError,
  retireKeys,
  revaultNumbers,
  type KeepingContext,
} from './app/keep-keys.ts';
import type { KeyStore, StoredKey } from './app/key-store.ts';
import { keyStore } from './store/data-keys.ts';

/** Interval at which each replica looks whether keys must be replaced or retired. */
const KEEP_INTERVAL_MS = 60_000;
/** Numbers that one transaction encrypts again: few enough to delay no payment. */
const PIECE_NUMBERS = 500;

export interface FieldKeyOptions {
  pool: Pool;
  keyEncryptionKeys: () => KeySet;
  /** Age at which a key is replaced, in milliseconds. */
  lifeMs: number;
  nowMs: () => number;
  logger: Pick<Logger, 'info' | 'warn'>;
  /** The size of a piece, for tests. */
  pieceNumbers?: number;
}

/**
 * The data keys of the card service. They are in its database, wrapped by a key-encryption key. Every transaction reads
 * them, so all replicas use the same keys from the moment in which one of them adds a key.
 */
export class StoredFieldKeys {
  readonly #options: FieldKeyOptions;
  /** Unwrapped keys of the last read, by the name of the key. */
  #unwrapped: ReadonlyMap<string, Buffer> = new Map();

  constructor(options: FieldKeyOptions) {
    this.#options = options;
  }

  /**
   * Brings the keys up to date before the service serves.
   * @param imported the keys that earlier releases read from a file
   * @throws ConfigurationError that names the setting without which the stored keys or numbers cannot be read
   */
  async prepare(imported: FieldKeys | undefined): Promise<void> {
    try {
      await this.#keep(imported);
    } catch (error) {
      if (error instanceof UnwrapError)
        throw new ConfigurationError(`KEY_ENCRYPTION_KEYS_FILE: ${error.message}`);
      if (error instanceof KeysMissingError)
        throw new ConfigurationError(`FIELD_KEYS_FILE: is not set, but ${error.message}`);
      throw error;
    }
  }

  /** Reads the keys for use in a transaction. Until it ends, no key is added or retired. */
  async read(tx: Transaction): Promise<FieldKeys> {
    return this.#unwrap(await keyStore(tx).holdKeys());
  }

  /** Starts to replace and retire keys while the service serves. */
  start(): Repeated {
    const { logger } = this.#options;
    return repeat(
      KEEP_INTERVAL_MS,
      (signal) => this.turn(signal),
      (fault) => logger.warn({ err: fault }, 'card.key_upkeep_failed'),
    );
  }

  /**
   * Adds keys that are due, encrypts the numbers of replaced keys again, piece by piece, and retires unused keys.
   * @param signal ends the turn after the current piece; the next turn continues
   */
  async turn(signal: AbortSignal): Promise<void> {
    const { pool, logger, pieceNumbers = PIECE_NUMBERS } = this.#options;
    const stored = await this.#with((store) => store.holdKeys());
    if (isDue(stored, this.#context())) await this.#keep(undefined);
    for (let count = pieceNumbers; count === pieceNumbers;) {
      if (signal.aborted) return;
      count = await transaction(pool, async (tx) =>
        revaultNumbers(keyStore(tx), await this.read(tx), pieceNumbers),
      );
      if (count > 0) logger.info({ count }, 'card.numbers_reencrypted');
    }
    const retired = await retireKeys((work) => this.#with(work));
    if (retired.length > 0) logger.info({ keys: retired }, 'card.keys_retired');
  }

  async #keep(imported: FieldKeys | undefined): Promise<void> {
    const { added, rewrapped } = await this.#with((store) => keepKeys(store, this.#context(), imported));
    const { logger } = this.#options;
    if (added.length > 0) logger.info({ keys: added }, 'card.keys_added');
    if (rewrapped.length > 0) logger.info({ keys: rewrapped }, 'card.keys_rewrapped');
  }

  #with<T>(work: (store: KeyStore) => Promise<T>): Promise<T> {
    return transaction(this.#options.pool, (tx) => work(keyStore(tx)));
  }

  #context(): KeepingContext {
    const { keyEncryptionKeys, lifeMs, nowMs } = this.#options;
    return { keyEncryptionKeys: keyEncryptionKeys(), lifeMs, nowMs: nowMs() };
  }

  #unwrap(stored: readonly StoredKey[]): FieldKeys {
    const keyEncryptionKeys = this.#options.keyEncryptionKeys();
    const named = stored.map((key) => {
      const name = `${key.purpose}/${key.keyId}`;
      const plain = this.#unwrapped.get(name) ?? unwrapKey(keyEncryptionKeys, key, key.wrapped);
      return { ...key, name, plain };
    });
    this.#unwrapped = new Map(named.map(({ name, plain }) => [name, plain]));
    const setOf = (purpose: KeyPurpose): KeySet => {
      const keys = named.filter((key) => key.purpose === purpose);
      return {
        current: keys.at(-1)!.keyId,
        keys: Object.fromEntries(keys.map(({ keyId, plain }) => [keyId, plain])),
      };
    };
    return { encryption: setOf('encryption'), fingerprint: setOf('fingerprint') };
  }
}
