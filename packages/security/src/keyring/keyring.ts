import {
  CERTIFICATE_TYP,
  certificateClaims,
  REVOCATION_TYP,
  revocationClaims,
  SNAPSHOT_TYP,
  snapshotClaims,
  type CertificateClaims,
  type SnapshotClaims,
} from '@tallystick/contracts';
import { createHash } from 'node:crypto';
import { decodeProtectedHeader, importJWK, type CryptoKey, type JWK } from 'jose';
import { VerifiedBatches } from '../envelope/verified-batches.ts';
import { VerifiedTokens } from '../request/verified-tokens.ts';
import { algorithmOf, thumbprint } from './jwk.ts';
import { Registrars } from './registrars.ts';
import { Revocations } from './revocations.ts';
import { verifierOf } from './signature-key.ts';
import { certifiedKey, verifiedClaims } from './signed-claims.ts';
import type { AcceptedSnapshot, KeyringAlarm, KeyringFreshness, TrustedKey } from './trusted-key.ts';

interface Candidate {
  digest: string;
  claims: CertificateClaims;
}

/** Age at which a snapshot no longer counts, in lifetimes of the snapshot. */
const LIVES_MAX = 3;

/** Maximum number of unconfirmed certificates kept for one key until a snapshot lists one of them. */
const CANDIDATES_PER_KEY_MAX = 8;
/** Maximum size of a certificate or snapshot; a larger one is refused unread. */
const KEY_RECORD_BYTES_MAX = 1_000_000;

/** Computes the SHA-256 of a certificate's text, base64url, as in a snapshot. */
export function certificateDigest(certificate: string): string {
  return createHash('sha256').update(certificate).digest('base64url');
}

/**
 * The keys that this process trusts, built from the records of the key topic: root → registrar → producers. A
 * certificate counts when a fresh snapshot lists exactly it. A genuine but outdated certificate that is written to the
 * topic again thus makes no revoked key valid.
 */
export class Keyring {
  readonly #roots: ReadonlyMap<string, CryptoKey>;
  readonly #now: () => number;
  readonly #onAlarm: (alarm: KeyringAlarm) => void;
  readonly #registrars: Registrars;
  readonly #candidates = new Map<string, Map<string, Candidate>>();
  readonly #waiting = new Map<string, Set<() => void>>();
  /** Batches that keys of this ring have verified. */
  readonly verifiedBatches = new VerifiedBatches();
  /** Access tokens that keys of this ring have verified. */
  readonly verifiedTokens = new VerifiedTokens();
  /** The revocations of tokens. */
  readonly revocations: Revocations;
  #trusted = new Map<string, TrustedKey>();
  #origins: ReadonlySet<string> = new Set();
  #snapshot: SnapshotClaims | undefined;
  /** The newest accepted snapshot, also of an earlier run of this process. */
  #accepted: AcceptedSnapshot | undefined;
  /** What to report if the records of the past end without the accepted snapshot; `undefined` once they were taken. */
  #past: { rollback: KeyringAlarm | undefined } | undefined = { rollback: undefined };

  private constructor(
    roots: ReadonlyMap<string, CryptoKey>,
    now: () => number,
    onAlarm: (alarm: KeyringAlarm) => void,
    accepted: AcceptedSnapshot | undefined,
  ) {
    this.#roots = roots;
    this.#now = now;
    this.#onAlarm = onAlarm;
    this.#accepted = accepted;
    this.revocations = new Revocations(now);
    this.#registrars = new Registrars(now);
  }

  /**
   * @param options.trustAnchors public JWKs of the root keys
   * @param options.now returns the time in milliseconds
   * @param options.onAlarm takes an alarm for every refused record
   * @param options.accepted the newest snapshot of an earlier run: an older one is refused after a restart too
   */
  static async create(options: {
    trustAnchors: readonly JWK[];
    now?: () => number;
    onAlarm?: (alarm: KeyringAlarm) => void;
    accepted?: AcceptedSnapshot | undefined;
  }): Promise<Keyring> {
    const roots = new Map<string, CryptoKey>();
    for (const jwk of options.trustAnchors) {
      roots.set(
        await thumbprint(jwk),
        (await importJWK({ ...jwk, alg: undefined }, algorithmOf(jwk))) as CryptoKey,
      );
    }
    return new Keyring(roots, options.now ?? Date.now, options.onAlarm ?? (() => {}), options.accepted);
  }

  /**
   * Tells that all records were taken that existed at the start. If the snapshot that an earlier run accepted is not
   * among them, an older one raises its alarm now.
   */
  endOfPast(): void {
    const rollback = this.#past?.rollback;
    this.#past = undefined;
    if (rollback !== undefined) this.#onAlarm(rollback);
  }

  /** The version of the current snapshot, 0 before the first. */
  get version(): number {
    return this.#snapshot?.version ?? 0;
  }

  /** The newest accepted snapshot, to be remembered over a restart; `undefined` before the first. */
  get accepted(): AcceptedSnapshot | undefined {
    return this.#accepted;
  }

  /** When the snapshot in force was issued, in seconds since 1970; `undefined` if there is none. */
  get snapshotIssuedAtS(): number | undefined {
    return this.#snapshot?.iat;
  }

  /** How far the trusted keys can be relied on now. A snapshot counts for three of its lifetimes at most. */
  get freshness(): KeyringFreshness {
    if (this.#snapshot === undefined) return 'ended';
    const nowS = this.#now() / 1000;
    const { iat, exp } = this.#snapshot;
    if (nowS < exp) return 'fresh';
    return nowS < iat + LIVES_MAX * (exp - iat) ? 'stale' : 'ended';
  }

  /** Returns whether a client registered this origin (RFC 6454 §6.2), compared exactly. */
  allowsOrigin(origin: string): boolean {
    return this.freshness !== 'ended' && this.#origins.has(origin);
  }

  /** Finds the trusted key with this id in any status and period; the caller checks these for its own time. */
  find(kid: string): TrustedKey | undefined {
    return this.#trusted.get(kid);
  }

  /** All keys that the current snapshot lists. */
  get keys(): readonly TrustedKey[] {
    return [...this.#trusted.values()];
  }

  /** Returns the newest usable encryption key of a service, for messages that are confidential to it. */
  encryptionKeyOf(producerId: string): TrustedKey | undefined {
    const nowS = this.#now() / 1000;
    return [...this.#trusted.values()]
      .filter(
        ({ producerId: owner, certificate: { use, status, nbf, exp } }) =>
          owner === producerId && use === 'enc' && status === 'active' && nbf <= nowS && nowS < exp,
      )
      .sort((a, b) => b.certificate.nbf - a.certificate.nbf)[0];
  }

  /** Waits for a key. @returns whether it became known within `timeoutMs` */
  async waitFor(kid: string, timeoutMs: number): Promise<boolean> {
    if (this.#trusted.has(kid)) return true;
    return new Promise((resolve) => {
      const waiters = this.#waiting.get(kid) ?? new Set();
      this.#waiting.set(kid, waiters);
      const done = (): void => {
        clearTimeout(timer);
        waiters.delete(done);
        if (waiters.size === 0) this.#waiting.delete(kid);
        resolve(this.#trusted.has(kid));
      };
      const timer = setTimeout(done, timeoutMs);
      waiters.add(done);
    });
  }

  /** Processes one record of the key topic, in the topic's order. An invalid record raises an alarm. */
  async take(value: string): Promise<void> {
    try {
      if (value.length > KEY_RECORD_BYTES_MAX) throw new Error('record is too large');
      const header = decodeProtectedHeader(value);
      const kid = header.kid ?? '';
      const root = this.#roots.get(kid);
      if (header.typ === CERTIFICATE_TYP && root !== undefined) await this.#takeRegistrar(value, root);
      else if (header.typ === CERTIFICATE_TYP) await this.#takeCertificate(value, kid);
      else if (header.typ === SNAPSHOT_TYP) await this.#takeSnapshot(value, kid);
      else if (header.typ === REVOCATION_TYP) await this.#takeRevocation(value, kid);
      else throw new Error('typ is neither that of a certificate, a snapshot nor a revocation');
    } catch (error) {
      this.#onAlarm({
        kind: 'record_refused',
        detail: error instanceof Error ? error.message : String(error),
      });
    }
  }

  async #takeRegistrar(value: string, root: CryptoKey): Promise<void> {
    const { kid, isRevoked } = await this.#registrars.take(value, root);
    if (isRevoked) this.#dropSnapshotOf(kid);
  }

  async #takeCertificate(value: string, registrarKid: string): Promise<void> {
    const claims = certificateClaims.parse(await verifiedClaims(value, this.#registrars.keyOf(registrarKid)));
    if (claims.role !== 'producer') throw new Error('a registrar cannot certify a registrar');
    const kid = await thumbprint(claims.cnf.jwk as JWK);
    const candidates = this.#candidates.get(kid) ?? new Map<string, Candidate>();
    const digest = certificateDigest(value);
    candidates.delete(digest);
    candidates.set(digest, { digest, claims });
    // The certificate in the current snapshot stays: a flood of old ones must not displace it.
    const oldest = [...candidates.keys()].find((one) => one !== this.#snapshot?.certificates[kid]);
    if (candidates.size > CANDIDATES_PER_KEY_MAX && oldest !== undefined) candidates.delete(oldest);
    this.#candidates.set(kid, candidates);
  }

  async #takeSnapshot(value: string, registrarKid: string): Promise<void> {
    const snapshot = snapshotClaims.parse(await verifiedClaims(value, this.#registrars.keyOf(registrarKid)));
    const digest = certificateDigest(value);
    // A snapshot of a revoked registrar is not binding: it may have used the highest possible version.
    const accepted = this.#accepted;
    if (accepted !== undefined && !this.#registrars.isRevoked(accepted.registrarKid)) {
      const { version } = accepted;
      if (snapshot.version < version) {
        this.#refuseOlder({
          kind: 'snapshot_rollback',
          detail: `version ${snapshot.version} after ${version}`,
        });
        return;
      }
      if (snapshot.version === version && digest !== accepted.digest) {
        this.#onAlarm({ kind: 'snapshot_conflict', detail: `version ${version} has two contents` });
        return;
      }
    }
    if (snapshot.exp * 1000 <= this.#now()) {
      this.#onAlarm({ kind: 'snapshot_expired', detail: `version ${snapshot.version}` });
      return;
    }
    const trusted = new Map<string, TrustedKey>();
    for (const [kid, digest] of Object.entries(snapshot.certificates)) {
      const candidate = this.#candidates.get(kid)?.get(digest);
      if (candidate === undefined) {
        this.#onAlarm({ kind: 'certificate_missing', detail: kid });
        continue;
      }
      this.#candidates.set(kid, new Map([[digest, candidate]]));
      const before = this.#trusted.get(kid);
      const publicJwk = candidate.claims.cnf.jwk as JWK;
      trusted.set(kid, {
        kid,
        producerId: candidate.claims.sub,
        publicKey: before?.publicKey ?? (await certifiedKey(candidate.claims)),
        verifier: before?.verifier ?? verifierOf(publicJwk),
        publicJwk,
        certificate: candidate.claims,
      });
    }
    this.#trusted = trusted;
    this.#origins = new Set(snapshot.origins);
    this.#snapshot = snapshot;
    if (this.#past !== undefined) this.#past.rollback = undefined;
    this.#accepted = { version: snapshot.version, digest, registrarKid };
    for (const kid of trusted.keys()) this.#waiting.get(kid)?.forEach((done) => done());
  }

  /** After a restart, the topic still has the snapshots before the accepted one: they are no rollback if it follows. */
  #refuseOlder(alarm: KeyringAlarm): void {
    if (this.#past !== undefined && this.#snapshot === undefined) this.#past.rollback = alarm;
    else this.#onAlarm(alarm);
  }

  async #takeRevocation(value: string, registrarKid: string): Promise<void> {
    this.revocations.add(
      revocationClaims.parse(await verifiedClaims(value, this.#registrars.keyOf(registrarKid))),
    );
  }

  /** Drops the keys that only this registrar vouches for: those of its snapshot, if it is in force. */
  #dropSnapshotOf(registrarKid: string): void {
    if (this.#snapshot === undefined || this.#accepted?.registrarKid !== registrarKid) return;
    this.#snapshot = undefined;
    this.#trusted = new Map();
    this.#origins = new Set();
    this.#onAlarm({ kind: 'registrar_revoked', detail: registrarKid });
  }
}
