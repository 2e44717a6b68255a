import {
  areForClients,
  CodedError,
  services,
  type Permission,
  type CertificateClaims,
  type SnapshotClaims,
} from '@tallystick/contracts';

type PublicJwk = CertificateClaims['cnf']['jwk'];

/** Validity of a certificate; a key is renewed or replaced well before its end. */
export const CERTIFICATE_LIFETIME_S = 400 * 24 * 60 * 60;
/** If its key is registered again, a certificate with less remaining validity than this is renewed. */
const RENEWAL_S = CERTIFICATE_LIFETIME_S / 2;
/** Allowed clock skew: a key is valid from shortly before its registration. */
const CLOCK_SKEW_S = 60;
/** Lifetime of a snapshot. A new one is signed after a third of it, so two consecutive ones may be lost. */
export const SNAPSHOT_LIFETIME_S = 60 * 60;
export const SNAPSHOT_REFRESH_S = SNAPSHOT_LIFETIME_S / 3;

/** A key of a message producer, with its permissions. */
export interface ProducerKey {
  /** RFC 7638 thumbprint. */
  kid: string;
  producerId: string;
  publicJwk: PublicJwk;
  use: 'sig' | 'enc';
  permissions: readonly Permission[];
  /** Whether the key may sign batches. */
  batch: boolean;
  notBeforeS: number;
  expiresAtS: number;
  status: 'active' | 'retired' | 'revoked';
  /** When the trust in the key ended, if it is revoked. */
  revokedSinceS: number | undefined;
}

export type KeyRegistration = Pick<
  ProducerKey,
  'kid' | 'producerId' | 'publicJwk' | 'use' | 'permissions' | 'batch'
>;

/**
 * Decides the result of a key registration.
 * @param known the stored key, if any
 * @returns the key to store; `known` itself if nothing changes
 * @throws CodedError `producer.key_reused` if the key belongs to another producer, has another use or is revoked
 */
export function registeredKey(
  known: ProducerKey | undefined,
  asked: KeyRegistration,
  nowS: number,
): ProducerKey {
  if (known === undefined) {
    const notBeforeS = nowS - CLOCK_SKEW_S;
    const expiresAtS = nowS + CERTIFICATE_LIFETIME_S;
    return { ...asked, notBeforeS, expiresAtS, status: 'active', revokedSinceS: undefined };
  }
  if (known.producerId !== asked.producerId) throw new CodedError('producer.key_reused');
  if (known.use !== asked.use) throw new CodedError('producer.key_reused', { detail: 'a key has one use' });
  if (known.status === 'revoked') {
    throw new CodedError('producer.key_reused', {
      detail: 'the key is revoked and stays so: make a new one',
    });
  }
  const samePermissions =
    known.batch === asked.batch && JSON.stringify(known.permissions) === JSON.stringify(asked.permissions);
  const fresh = known.expiresAtS - nowS >= RENEWAL_S;
  if (samePermissions && fresh && known.status === 'active') return known;
  const expiresAtS = fresh ? known.expiresAtS : nowS + CERTIFICATE_LIFETIME_S;
  return { ...known, permissions: asked.permissions, batch: asked.batch, expiresAtS, status: 'active' };
}

/** Names that are not allowed in a registration over HTTP: those of services, whose keys come from the seed. */
const RESERVED_NAMES: ReadonlySet<string> = new Set([...services, 'registrar', 'root']);

/** Returns whether a key is that of a third party. */
export function isOutside({ producerId }: Pick<ProducerKey, 'producerId'>): boolean {
  return !RESERVED_NAMES.has(producerId);
}

/**
 * Refuses registrations that only the seed or the root may certify. These are the name of a service, a permission
 * beyond the commands of third parties, and an encryption key.
 * @throws CodedError `producer.name_reserved`, `producer.permission_refused`
 */
export function requireThirdParty({
  producerId,
  use,
  permissions,
}: Pick<KeyRegistration, 'producerId' | 'use' | 'permissions'>): void {
  if (RESERVED_NAMES.has(producerId)) throw new CodedError('producer.name_reserved');
  if (use !== 'sig') throw new CodedError('producer.permission_refused', { detail: 'use must be sig' });
  if (!areForClients(permissions)) {
    throw new CodedError('producer.permission_refused', {
      detail: 'permissions are for commands of third parties alone',
    });
  }
}

/** Returns the key, revoked as of now; an already revoked key keeps its time. */
export function revokedKey(known: ProducerKey, nowS: number): ProducerKey {
  return known.status === 'revoked' ? known : { ...known, status: 'revoked', revokedSinceS: nowS };
}

/** Returns the claims of a key's certificate. */
export function certificateOf(key: ProducerKey, nowS: number): CertificateClaims {
  return {
    sub: key.producerId,
    iat: nowS,
    nbf: key.notBeforeS,
    exp: key.expiresAtS,
    cnf: { jwk: key.publicJwk },
    use: key.use,
    role: 'producer',
    permissions: key.permissions.map(({ topic, types }) => ({ topic, types: [...types] })),
    ...(key.batch ? { batch: true } : {}),
    status: key.status,
    ...(key.revokedSinceS === undefined ? {} : { revoked_since: key.revokedSinceS }),
  };
}

/**
 * Returns the claims of the snapshot of all current certificates and origins.
 * @param digests SHA-256 of each certificate by `kid`
 * @param origins of browser apps, as enabled clients registered them
 */
export function snapshotOf(
  { digests, origins }: { digests: Readonly<Record<string, string>>; origins: readonly string[] },
  version: number,
  nowS: number,
): SnapshotClaims {
  const certificates = { ...digests };
  return { version, iat: nowS, exp: nowS + SNAPSHOT_LIFETIME_S, certificates, origins: [...origins] };
}
