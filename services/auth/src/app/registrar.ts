import { CodedError } from '@tallystick/contracts';
import { endProcess, RewoundDatabaseError } from '@tallystick/messaging';
import { repeat, type Pool, type Queryable, type Repeated, type Transaction } from '@tallystick/postgres';
import { claimedKeyId, signCertificate, type SigningKey } from '@tallystick/security';
import type { JWK } from 'jose';
import {
  certificateOf,
  registeredKey,
  revokedKey,
  SNAPSHOT_REFRESH_S,
  type KeyRegistration,
  type ProducerKey,
} from '../domain/producer-key.ts';
import { TOKEN_KEY_KEPT_MS } from './revocation-lifetime.ts';
import { auditKey, seededKey } from './own-keys.ts';
import type { PublishRecords, Transact } from './transact.ts';
import { requireEnrolled, type KeyApplication } from './enrol.ts';
import { keyStatement } from './key-statement.ts';
import { lastStatement } from '../messages/last-statement.ts';
import {
  findKey,
  findReplaced,
  raiseSnapshotVersion,
  listKeys,
  lockSnapshotVersion,
  nextSnapshotVersion,
  noteTokenKey,
  putKey,
  snapshotIssuedAtS,
} from '../store/producer-keys.ts';
import { republishAll } from '../store/revocations.ts';

export interface RegistrarOptions {
  pool: Pool;
  transact: Transact;
  key: SigningKey;
  /** The registrar's own certificate, signed by the root key. */
  certificate: string;
  topicPrefix: string;
  nowMs: () => number;
  /** Whether two operators certify every key. */
  certifyByTwo?: boolean;
  /** Called when a refresh fails; the next attempt follows soon. */
  onFailure: (error: unknown) => void;
  /** Returns the current version of the snapshot on the key topic; 0 if there is none. */
  publishedVersion?: () => number;
  /**
   * Called if the database was restored while the service runs. By default it ends the process, which restarts and
   * replays.
   */
  onRewound?: (error: RewoundDatabaseError) => void;
}

/**
 * Versions follow the clock in seconds. A version further ahead comes from a thief and leaves no room for a successor.
 */
const VERSIONS_AHEAD_MAX = 86_400;

/** Interval of the check whether the snapshot is due. All replicas check; the first one signs. */
const REFRESH_CHECK_INTERVAL_MS = 30_000;

/**
 * Certifies the keys of message producers. Every change of keys signs the changed certificates and a new snapshot, in
 * the transaction that publishes them.
 */
export class Registrar {
  readonly #options: RegistrarOptions;
  #key: SigningKey;
  #certificate: string;
  #refreshing: Repeated | undefined;
  #tokenKeyId: string | undefined;

  constructor(options: RegistrarOptions) {
    this.#options = options;
    this.#key = options.key;
    this.#certificate = options.certificate;
  }

  /** The key that signs now. */
  get key(): SigningKey {
    return this.#key;
  }

  /**
   * Replays keys that were certified or revoked after the point in time to which the database was restored. The
   * registrar's signatures on the key topic remain valid. This must run before the registrar signs anything.
   * @param keyRecords the records of the key topic, in its order
   * @returns the number of replayed keys
   */
  async replay(keyRecords: readonly string[], trustAnchors: readonly JWK[]): Promise<number> {
    const last = await lastStatement(keyRecords, trustAnchors);
    if (last === undefined || !this.#isPlausible(last.version)) return 0;
    return this.#options.transact(async (tx) => {
      if (last.version <= (await lockSnapshotVersion(tx))) return 0;
      await raiseSnapshotVersion(tx, last.version);
      for (const key of last.keys)
        await this.#keep(tx, undefined, key, Math.floor(this.#options.nowMs() / 1000));
      return last.keys.length;
    });
  }

  /**
   * Certifies the keys of the seed, re-certifies keys that another registrar key certified, and publishes all. A
   * revoked key stays revoked.
   * @returns the ids of revoked keys in the seed
   * @throws ConfigurationError if a key belongs to another producer or has another use
   */
  async seed(registrations: readonly KeyRegistration[]): Promise<string[]> {
    const revoked: string[] = [];
    await this.#options.transact((tx, publish) =>
      this.#change(tx, publish, async (db, nowS) => {
        for (const asked of registrations) {
          const known = await findKey(db, asked.kid);
          if (known?.key.status === 'revoked') revoked.push(asked.kid);
          else {
            const key = seededKey(known?.key, asked, nowS);
            await this.#keep(db, known?.key, key, nowS);
            if (key !== known?.key) await auditKey(db, 'auth.key.seed', key, this.#options.nowMs());
          }
        }
        for (const { key, certificate } of await listKeys(db)) {
          if (claimedKeyId(certificate) !== this.#key.kid) await this.#keep(db, undefined, key, nowS);
        }
      }),
    );
    return revoked;
  }

  /**
   * Certifies the key that signs tokens from now on. The one before it is retired once nothing needs it.
   * @throws ConfigurationError as {@link seed}
   */
  async useTokenKey(registration: KeyRegistration): Promise<void> {
    await this.seed([registration]);
    this.#tokenKeyId = registration.kid;
    await this.#noteTokenKey();
  }

  /** Marks the other token keys as replaced. A key that some replica still uses is marked anew each time. */
  async #noteTokenKey(): Promise<void> {
    if (this.#tokenKeyId === undefined) return;
    await noteTokenKey(this.#options.pool, this.#tokenKeyId, new Date(this.#options.nowMs()));
  }

  /** Revokes token keys that were replaced so long ago that no token of theirs is evidence any more. */
  async retireTokenKeys(): Promise<void> {
    const { pool, nowMs, transact } = this.#options;
    await this.#noteTokenKey();
    const before = new Date(nowMs() - TOKEN_KEY_KEPT_MS);
    if ((await findReplaced(pool, before)).length === 0) return;
    await transact((tx, publish) =>
      this.#change(tx, publish, async (db, nowS) => {
        for (const { key } of await findReplaced(db, before)) {
          const revoked = revokedKey(key, nowS);
          await this.#keep(db, key, revoked, nowS);
          await auditKey(db, 'auth.key.retire', revoked, nowMs());
        }
      }),
    );
  }

  /**
   * Signs with another key from now on, and immediately re-signs the certificates of the previous key.
   * @param certificate signed by the root key
   */
  async signBy(key: SigningKey, certificate: string): Promise<void> {
    this.#key = key;
    this.#certificate = certificate;
    await this.seed([]);
    await republishAll(this.#options.pool);
  }

  /**
   * Certifies a key for which a third party applies. The seed has the keys of services.
   * @throws CodedError as {@link requireEnrolled}, `producer.key_reused`
   */
  async register(
    tx: Transaction,
    publish: PublishRecords,
    application: KeyApplication,
  ): Promise<ProducerKey> {
    const { asked } = application;
    const { certifyByTwo: byTwo = false } = this.#options;
    return this.#change(tx, publish, async (db, nowS) => {
      await requireEnrolled(db, application, { byTwo, nowS });
      const known = await findKey(db, asked.kid);
      const key = registeredKey(known?.key, asked, nowS);
      await this.#keep(db, known?.key, key, nowS);
      return key;
    });
  }

  /**
   * Revokes a key; services stop trusting it when they have read the snapshot.
   * @throws CodedError `producer.key_not_found`
   */
  async revoke(
    tx: Transaction,
    publish: PublishRecords,
    producerId: string,
    kid: string,
  ): Promise<ProducerKey> {
    return this.#change(tx, publish, async (db, nowS) => {
      const known = await findKey(db, kid);
      if (known?.key.producerId !== producerId) throw new CodedError('producer.key_not_found');
      const key = revokedKey(known.key, nowS);
      await this.#keep(db, known.key, key, nowS);
      return key;
    });
  }

  /** Publishes a new snapshot, as after a change of the clients whose origins it lists. */
  async restate(tx: Transaction, publish: PublishRecords): Promise<void> {
    await this.#change(tx, publish, async () => {});
  }

  async list(): Promise<ProducerKey[]> {
    return (await listKeys(this.#options.pool)).map(({ key }) => key);
  }

  /** Signs and publishes a new snapshot if the last one has used a third of its lifetime. @returns whether it did */
  async refresh(): Promise<boolean> {
    const { pool, nowMs } = this.#options;
    if (nowMs() / 1000 - (await snapshotIssuedAtS(pool)) < SNAPSHOT_REFRESH_S) return false;
    await this.#options.transact((tx, publish) => this.restate(tx, publish));
    return true;
  }

  /** Starts to refresh the snapshot and to retire token keys periodically. */
  start(): void {
    this.#refreshing = repeat(
      REFRESH_CHECK_INTERVAL_MS,
      async () => {
        await this.retireTokenKeys();
        await this.refresh();
      },
      (fault) => this.#options.onFailure(fault),
    );
  }

  async stop(): Promise<void> {
    await this.#refreshing?.stop();
  }

  async #change<T>(
    tx: Transaction,
    publish: PublishRecords,
    work: (db: Queryable, nowS: number) => Promise<T>,
  ): Promise<T> {
    const nowS = Math.floor(this.#options.nowMs() / 1000);
    await this.#requireCurrent(tx);
    const version = await nextSnapshotVersion(tx, nowS);
    const result = await work(tx, nowS);
    const registrar = { key: this.#key, certificate: this.#certificate };
    publish(await keyStatement(tx, registrar, { version, nowS }, this.#options.topicPrefix));
    return result;
  }

  /**
   * Throws if the database lacks the latest snapshot. A snapshot of a restored database would replace newer ones and
   * thus make revoked keys valid again.
   */
  async #requireCurrent(db: Queryable): Promise<void> {
    const { publishedVersion = () => 0, onRewound = endProcess } = this.#options;
    const [stored, published] = [await lockSnapshotVersion(db), publishedVersion()];
    if (stored >= published || !this.#isPlausible(published)) return;
    const error = new RewoundDatabaseError('the snapshot of keys', published, stored);
    onRewound(error);
    throw error;
  }

  #isPlausible(version: number): boolean {
    return version <= this.#options.nowMs() / 1000 + VERSIONS_AHEAD_MAX;
  }

  async #keep(db: Queryable, known: ProducerKey | undefined, key: ProducerKey, nowS: number): Promise<void> {
    if (key === known) return;
    await putKey(db, {
      key,
      certificate: await signCertificate(certificateOf(key, nowS), this.#key),
    });
  }
}
