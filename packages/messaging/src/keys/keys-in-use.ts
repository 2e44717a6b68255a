import { followFile } from '@tallystick/config';
import {
  loadDecryptionKey,
  loadSigningKey,
  type DecryptionKey,
  type Keyring,
  type SigningKey,
} from '@tallystick/security';
import type { Logger } from '@tallystick/telemetry';

/** Interval of lookups for a missing certificate, in milliseconds. */
const LOOK_INTERVAL_MS = 1_000;
/** How long a certificate must be known here before its key signs: by then every other service knows it. */
const KEY_SPREAD_MS = 2_000;

export interface KeysInUseOptions {
  /** This service's id, as a certificate's `sub`. */
  service: string;
  signingKeyFile: string;
  decryptionKeyFile?: string | undefined;
  keyring: Keyring;
  logger: Logger;
  nowMs: () => number;
}

/**
 * The private keys that a service uses on Kafka. Their files may be replaced while it runs.
 *
 * A new signing key is used once the key topic certifies it for the service. Until then the previous key signs, because
 * no service accepts the signature of an uncertified key. A new decryption key is added to the previous ones, which
 * stay while the process runs, because messages encrypted to them may still arrive.
 */
export class KeysInUse {
  readonly #options: KeysInUseOptions;
  #signing: SigningKey;
  #decryption: readonly DecryptionKey[];
  /** A new key that waits for its certificate. */
  #next: SigningKey | undefined;
  /** When the new key was first found certified, by the monotonic clock. */
  #certifiedAtMs: number | undefined;
  /** The last logged reason, so that each is logged once. */
  #logged: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #stops: (() => void)[] = [];

  private constructor(options: KeysInUseOptions, signing: SigningKey, decryption: readonly DecryptionKey[]) {
    this.#options = options;
    this.#signing = signing;
    this.#decryption = decryption;
  }

  /** @throws ConfigurationError that names the unusable file */
  static async load(options: KeysInUseOptions): Promise<KeysInUse> {
    const { signingKeyFile, decryptionKeyFile } = options;
    const [signing, ...decryption] = await Promise.all([
      loadSigningKey(signingKeyFile),
      ...(decryptionKeyFile === undefined ? [] : [loadDecryptionKey(decryptionKeyFile)]),
    ]);
    return new KeysInUse(options, signing, decryption);
  }

  /** The current signing key. */
  readonly signing = (): SigningKey => this.#signing;

  /** The decryption keys, the newest first. */
  readonly decryption = (): readonly DecryptionKey[] => this.#decryption;

  /** Starts to follow the files. */
  start(): void {
    const { signingKeyFile, decryptionKeyFile, logger } = this.#options;
    const onUnusable = (error: unknown): void => logger.warn({ err: error }, 'keys.file_reload_failed');
    this.#stops.push(
      followFile(signingKeyFile, loadSigningKey, { take: (key) => this.#takeSigning(key), onUnusable }),
    );
    if (decryptionKeyFile === undefined) return;
    this.#stops.push(
      followFile(decryptionKeyFile, loadDecryptionKey, {
        take: (key) => this.#takeDecryption(key),
        onUnusable,
      }),
    );
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const stop of this.#stops) stop();
  }

  #takeSigning(key: SigningKey): void {
    this.#next = key.kid === this.#signing.kid ? undefined : key;
    this.#certifiedAtMs = undefined;
    this.#logged = undefined;
    clearInterval(this.#timer);
    if (this.#next === undefined) return;
    this.#timer = setInterval(() => this.#useNext(), LOOK_INTERVAL_MS);
    this.#timer.unref();
    this.#useNext();
  }

  #useNext(): void {
    const { logger } = this.#options;
    const next = this.#next!;
    const lack = this.#lackOf(next);
    if (lack === undefined) {
      this.#certifiedAtMs ??= performance.now();
      if (performance.now() < this.#certifiedAtMs + KEY_SPREAD_MS) return;
      clearInterval(this.#timer);
      logger.info({ kid: next.kid, before: this.#signing.kid }, 'keys.signing_key_replaced');
      this.#signing = next;
      this.#next = undefined;
    } else if (lack !== this.#logged) {
      this.#logged = lack;
      logger.warn({ kid: next.kid, inUse: this.#signing.kid, lack }, 'keys.signing_key_not_certified');
    }
  }

  /** Returns the reason why other services refuse the key's signatures; `undefined` if they accept them. */
  #lackOf({ kid }: SigningKey): string | undefined {
    const { keyring, service, nowMs } = this.#options;
    const trusted = keyring.find(kid);
    if (trusted === undefined) return 'the key topic holds no certificate of it';
    const { use, status, nbf, exp } = trusted.certificate;
    if (trusted.producerId !== service) return 'its certificate is for another producer';
    if (use !== 'sig') return 'its certificate is not for signing';
    if (status !== 'active') return 'its certificate is revoked';
    const nowS = Math.floor(nowMs() / 1_000);
    if (nowS < nbf) return 'its certificate is not valid yet';
    if (nowS >= exp) return 'its certificate has expired';
    return undefined;
  }

  #takeDecryption(key: DecryptionKey): void {
    if (this.#decryption[0]?.kid === key.kid) return;
    this.#decryption = [key, ...this.#decryption.filter(({ kid }) => kid !== key.kid)];
    this.#options.logger.info({ kid: key.kid }, 'keys.decryption_key_added');
  }
}
