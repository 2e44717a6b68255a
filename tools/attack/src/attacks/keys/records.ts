import {
  CERTIFICATE_TYP,
  REVOCATION_TYP,
  SNAPSHOT_TYP,
  operations,
  type SnapshotClaims,
} from '@tallystick/contracts';
import { newDpopKey } from '@tallystick/demo';
import { certificateDigest, signCertificate, signSnapshot, type SigningKey } from '@tallystick/security';
import { verdict, type Attack, type Verdict } from '../../attack.ts';
import { decode, encode, flipped, malleated, signJws, withSignature } from '../../forge/jws.ts';
import { ask, shown } from '../../http/ask.ts';
import type { World } from '../../target/world.ts';
import { certificateOf, snapshotsOf, wantedCertificate } from './key-records.ts';
import { trustsGenuineKeys, writeKeyRecords } from './trust.ts';

const ON = 'auth.keys.v1';
type Records = (string | Buffer | null)[];

/** Before any attack: the keys that the check names are as it says. */
const honest: Attack['control'] = async (world) => trustsGenuineKeys(world, await newDpopKey());

/**
 * Makes an attack by records on the key topic, after which a service must trust the same keys.
 * @param forge makes the records, which should make `rogue` or the revoked key valid, or genuine keys invalid
 */
function keysAttack(name: string, forge: (world: World, rogue: SigningKey) => Promise<Records>): Attack {
  return {
    name: `keys.${name}`,
    on: ON,
    control: honest,
    run: async (world): Promise<Verdict> => {
      const rogue = await newDpopKey();
      await writeKeyRecords(world, await forge(world, rogue));
      return trustsGenuineKeys(world, rogue);
    },
  };
}

/** Returns a snapshot after the newest one that lists a certificate and nothing else. */
function next(
  world: World,
  key: SigningKey,
  certificate: string,
  changes: Partial<SnapshotClaims> = {},
): SnapshotClaims {
  const nowS = Math.floor(Date.now() / 1_000);
  const newest = snapshotsOf(world).at(-1)!.claims;
  return {
    version: newest.version + 1_000,
    iat: nowS,
    exp: nowS + 3_600,
    certificates: { [key.kid]: certificateDigest(certificate) },
    ...changes,
  };
}

/** Signs the rogue key's certificate and a snapshot that lists it, both by a key. */
async function chainBy(world: World, rogue: SigningKey, signer: SigningKey): Promise<Records> {
  const certificate = await signCertificate(wantedCertificate(rogue), signer);
  return [certificate, await signSnapshot(next(world, rogue, certificate), signer)];
}

/** Genuine records that were replaced since. */
const old: Attack[] = [
  keysAttack('older-snapshot', async (world) => [snapshotsOf(world)[0]!.text]),
  keysAttack('older-snapshot-with-a-revoked-key', async (world) => {
    const certificate = await certificateOf(world, world.producers.gone.key.kid, 'active');
    const listing = snapshotsOf(world).filter(
      ({ claims }) => claims.certificates[world.producers.gone.key.kid] === certificateDigest(certificate),
    );
    if (listing.length === 0) throw new Error('no snapshot lists the revoked key as active');
    return [certificate, ...listing.map(({ text }) => text)];
  }),
  keysAttack('certificate-of-a-revoked-key-with-the-present-snapshot', async (world) => [
    await certificateOf(world, world.producers.gone.key.kid, 'active'),
    snapshotsOf(world).at(-1)!.text,
  ]),
  keysAttack('every-record-again-backwards', async (world) => world.keyRecords.toReversed()),
];

/** Records by keys that may not sign them. */
const byOthers: Attack[] = [
  keysAttack('by-an-unknown-root', async (world, rogue) => {
    const [root, registrar] = [await newDpopKey(), await newDpopKey()];
    const own = wantedCertificate(registrar, { sub: 'auth', role: 'registrar' });
    return [await signCertificate(own, root), ...(await chainBy(world, rogue, registrar))];
  }),
  keysAttack('by-an-unknown-root-under-the-genuine-kid', async (world, rogue) => {
    const [root, registrar] = [await newDpopKey(), await newDpopKey()];
    const own = wantedCertificate(registrar, { sub: 'auth', role: 'registrar' });
    const genuine = { ...root, kid: rootKidOf(world) };
    return [await signCertificate(own, genuine), ...(await chainBy(world, rogue, registrar))];
  }),
  keysAttack('signed-by-itself', (world, rogue) => chainBy(world, rogue, rogue)),
  keysAttack('by-a-third-party', (world, rogue) => chainBy(world, rogue, world.producers.acme.key)),
  keysAttack('by-a-service', (world, rogue) => chainBy(world, rogue, world.serviceKeys.payment)),
  keysAttack('by-the-token-key', (world, rogue) => chainBy(world, rogue, world.authKeys.token)),
  keysAttack('by-another-key-under-the-registrars-kid', (world, rogue) =>
    chainBy(world, rogue, { ...rogue, kid: world.authKeys.registrar.kid }),
  ),
  keysAttack('snapshot-by-a-third-party-of-a-genuine-certificate', async (world) => {
    const { gone, acme } = world.producers;
    const certificate = await certificateOf(world, gone.key.kid, 'active');
    return [certificate, await signSnapshot(next(world, gone.key, certificate), acme.key)];
  }),
  keysAttack('snapshot-without-any-key-by-a-third-party', async (world, rogue) => [
    await signSnapshot(next(world, rogue, '', { certificates: {} }), world.producers.acme.key),
  ]),
  keysAttack('registrar-revoked-by-a-third-party', async (world) => {
    const revoked = wantedCertificate(world.authKeys.registrar, {
      sub: 'auth',
      role: 'registrar',
      status: 'revoked',
    });
    return [
      await signCertificate(revoked, world.producers.acme.key),
      await signCertificate(revoked, { ...world.producers.acme.key, kid: rootKidOf(world) }),
    ];
  }),
];

/** Records that a thief of the registrar's key signs, against the rules that bind the registrar too. */
const byTheRegistrar: Attack[] = [
  keysAttack('snapshot-of-an-equal-version-with-other-content', async (world, rogue) => {
    const { registrar } = world.authKeys;
    const certificate = await signCertificate(wantedCertificate(rogue), registrar);
    const { version, certificates } = snapshotsOf(world).at(-1)!.claims;
    const listed = { ...certificates, [rogue.kid]: certificateDigest(certificate) };
    return [
      certificate,
      await signSnapshot(next(world, rogue, certificate, { version, certificates: listed }), registrar),
    ];
  }),
  keysAttack('snapshot-of-a-lower-version', async (world, rogue) => {
    const { registrar } = world.authKeys;
    const certificate = await signCertificate(wantedCertificate(rogue), registrar);
    return [certificate, await signSnapshot(next(world, rogue, certificate, { version: 1 }), registrar)];
  }),
  keysAttack('snapshot-that-expired', async (world, rogue) => {
    const { registrar } = world.authKeys;
    const certificate = await signCertificate(wantedCertificate(rogue), registrar);
    const nowS = Math.floor(Date.now() / 1_000);
    return [
      certificate,
      await signSnapshot(
        next(world, rogue, certificate, { iat: nowS - 7_200, exp: nowS - 3_600 }),
        registrar,
      ),
    ];
  }),
  keysAttack('certificate-that-no-snapshot-lists', async (world, rogue) => [
    await signCertificate(wantedCertificate(rogue), world.authKeys.registrar),
  ]),
  keysAttack('registrar-by-a-registrar', async (world, rogue) => {
    const second = await newDpopKey();
    const own = wantedCertificate(second, { sub: 'auth', role: 'registrar' });
    return [await signCertificate(own, world.authKeys.registrar), ...(await chainBy(world, rogue, second))];
  }),
];

/** Records that are not what they say. */
const malformed: Attack[] = [
  keysAttack('alg-none', async (world, rogue) => {
    const certificate = `${encode({ alg: 'none', typ: CERTIFICATE_TYP, kid: world.authKeys.registrar.kid })}.${encode(wantedCertificate(rogue))}.`;
    const header = { alg: 'none', typ: SNAPSHOT_TYP, kid: world.authKeys.registrar.kid };
    return [certificate, `${encode(header)}.${encode(next(world, rogue, certificate))}.`];
  }),
  keysAttack('certificate-shown-as-a-snapshot', async (world, rogue) => [
    await signJws(
      { alg: 'EdDSA', typ: SNAPSHOT_TYP, kid: world.authKeys.registrar.kid },
      wantedCertificate(rogue),
      world.authKeys.registrar,
    ),
  ]),
  keysAttack('newest-snapshot-flipped', async (world) => [
    withSignature(snapshotsOf(world).at(-1)!.text, (bytes) => flipped(bytes, 7)),
  ]),
  keysAttack('newest-snapshot-malleated', async (world) => [
    withSignature(snapshotsOf(world).at(-1)!.text, malleated),
  ]),
  keysAttack('junk', async () => [
    '',
    'junk',
    null,
    Buffer.alloc(900_000, 0xa5),
    '{}',
    'a.b.c',
    `${encode({})}.${encode({})}.AA`,
  ]),
];

/** Ends of tokens that auth did not order. */
const revocations: Attack[] = (['client', 'customer', 'grant'] as const).map((kind) => ({
  name: `keys.revocation-of-a-${kind}-by-a-third-party`,
  on: ON,
  run: async (world): Promise<Verdict> => {
    const { victim, producers, authKeys } = world;
    const nowS = Math.floor(Date.now() / 1_000);
    const id = { client: 'demo-app', customer: victim.id, grant: world.objects['consentId']! }[kind];
    const claims = { kind, id, iat: nowS, exp: nowS + 3_600 };
    const { key } = producers.acme;
    await writeKeyRecords(world, [
      await signJws({ alg: key.alg, typ: REVOCATION_TYP, kid: key.kid }, claims, key),
      await signJws({ alg: key.alg, typ: REVOCATION_TYP, kid: authKeys.registrar.kid }, claims, key),
    ]);
    const state = await trustsGenuineKeys(world, await newDpopKey());
    if (!state.held) return state;
    return verdict(
      'the token still counts: 200',
      `the token still counts: ${shown(await ask(victim.client, operations.accountList))}`,
    );
  },
}));

/** Attacks by a writer on the key topic. */
export const keyAttacks: readonly Attack[] = [
  ...old,
  ...byOthers,
  ...byTheRegistrar,
  ...malformed,
  ...revocations,
];

function rootKidOf({ keyRecords }: World): string {
  for (const text of keyRecords) {
    const { kid, typ } = decode(text, 0);
    if (typ === CERTIFICATE_TYP && decode(text, 1)['role'] === 'registrar') return String(kid);
  }
  throw new Error('the key topic has no certificate of a registrar');
}
