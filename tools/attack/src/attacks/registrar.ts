import { randomBytes } from 'node:crypto';
import {
  API_AUDIENCE,
  clientPermissions,
  KEY_TOPIC,
  operations,
  servicePermissions,
  services,
  type ErrorCode,
  type Permission,
} from '@tallystick/contracts';
import { newDpopKey } from '@tallystick/demo';
import type { SigningKey } from '@tallystick/security';
import type { Attack, Verdict } from '../attack.ts';
import { malleated, withSignature } from '../forge/jws.ts';
import { ask, shown, type Answer } from '../http/ask.ts';
import { httpAttack, refusedWith, routeOf } from '../http/refused.ts';
import { applicationOf, invite, register, type Application } from '../target/enrol.ts';
import type { World } from '../target/world.ts';

const route = operations.producerRegister;
const ORDERS: Permission[] = [{ topic: 'payment.commands.v1', types: ['payment.create'] }];
const newProducerId = (): string => `shady-${randomBytes(6).toString('hex')}`;

/** Invites a new third party, whose application an attack then changes. */
async function invited({ operators }: World, permissions: Permission[] = ORDERS): Promise<Application> {
  const producerId = newProducerId();
  return {
    producerId,
    key: await newDpopKey(),
    code: await invite(operators, producerId, permissions),
    permissions,
  };
}

const registrarOf = ({ operators }: World) => operators.with('registrar');

/** Registers a key with a fresh code, as every attack here does but for one change. */
const honest: Attack['control'] = async (world) => {
  const answer = await register(registrarOf(world), await invited(world));
  return { held: answer.status === 201, shown: shown(answer) };
};

/** Makes an attack that changes an honest application. */
function registerAttack(
  name: string,
  code: ErrorCode,
  change: (application: Application, world: World) => Promise<Answer>,
): Attack {
  const send = async (world: World): Promise<Answer> => change(await invited(world), world);
  return httpAttack(`registrar.${name}`, route, code, send, honest);
}

/** An application whose proof is another. */
function proofAttack(
  name: string,
  proof: (application: Application, world: World) => Promise<string>,
  code: ErrorCode = 'producer.proof_invalid',
): Attack {
  return registerAttack(`proof-${name}`, code, async (application, world) =>
    register(registrarOf(world), application, { proof: await proof(application, world) }),
  );
}

const proofs: Attack[] = [
  proofAttack('by-another-key', async (application) => applicationOf(application, {}, await newDpopKey())),
  proofAttack('by-the-operator', (application, world) =>
    applicationOf(application, {}, registrarOf(world).dpopKey),
  ),
  proofAttack('over-another-key', async (application) =>
    applicationOf(application, { jkt: (await newDpopKey()).kid }),
  ),
  proofAttack('for-another-producer', (application) => applicationOf(application, { sub: newProducerId() })),
  proofAttack('for-more-permissions', (application) =>
    applicationOf(application, { permissions: clientPermissions() }),
  ),
  proofAttack('for-batches', (application) => applicationOf(application, { batch: true })),
  proofAttack('old', (application) =>
    applicationOf(application, { iat: Math.floor(Date.now() / 1_000) - 600 }),
  ),
  proofAttack('of-the-future', (application) =>
    applicationOf(application, { iat: Math.floor(Date.now() / 1_000) + 600 }),
  ),
  proofAttack('without-a-time', (application) => applicationOf(application, { iat: undefined })),
  proofAttack('malleable', async (application) => withSignature(await applicationOf(application), malleated)),
  proofAttack('not-a-jws', async () => 'proof'),
  proofAttack(
    'unknown-code',
    (application) => applicationOf(application, { enrolment_code: 'A'.repeat(24) }),
    'producer.enrolment_invalid',
  ),
  proofAttack(
    'sql-as-code',
    (application) => applicationOf(application, { enrolment_code: "' OR '1'='1" }),
    'producer.enrolment_invalid',
  ),
  proofAttack(
    'nul-as-code',
    (application) => applicationOf(application, { enrolment_code: 'a\0' }),
    'producer.enrolment_invalid',
  ),
  proofAttack(
    'code-of-another',
    async (application, world) => applicationOf(application, { enrolment_code: (await invited(world)).code }),
    'producer.enrolment_invalid',
  ),
];

/** A key that is applied for beyond its invitation. */
const applications: Attack[] = [
  registerAttack('more-permissions-than-invited', 'producer.enrolment_invalid', (application, world) =>
    register(registrarOf(world), { ...application, permissions: clientPermissions() }),
  ),
  registerAttack('batches-without-invitation', 'producer.enrolment_invalid', (application, world) =>
    register(registrarOf(world), { ...application, batch: true }),
  ),
  registerAttack('code-used-before', 'producer.enrolment_invalid', async (application, world) => {
    await register(registrarOf(world), application);
    return register(registrarOf(world), { ...application, key: await newDpopKey() });
  }),
  registerAttack('encryption-key', 'producer.permission_refused', (application, world) =>
    register(registrarOf(world), application, { use: 'enc' }),
  ),
  registerAttack('private-key-with-the-public-one', 'request.invalid', ({ key, ...application }, world) =>
    register(registrarOf(world), { ...application, key }, { publicJwk: { ...key.publicJwk, d: 'AA' } }),
  ),
  registerAttack('key-of-an-rsa-pair', 'request.invalid', (application, world) =>
    register(registrarOf(world), application, { publicJwk: { kty: 'RSA', n: 'AA', e: 'AQAB' } }),
  ),
  registerAttack('key-off-the-curve', 'producer.proof_invalid', (application, world) =>
    register(registrarOf(world), application, { publicJwk: { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' } }),
  ),
  registerAttack('key-with-nul', 'request.invalid', ({ key, ...application }, world) =>
    register(registrarOf(world), { ...application, key }, { publicJwk: { ...key.publicJwk, kid: 'a\0b' } }),
  ),
  registerAttack('key-of-another-producer', 'producer.key_reused', (application, world) =>
    register(registrarOf(world), { ...application, key: world.producers.outlaw.key }),
  ),
  registerAttack('revoked-key', 'producer.key_reused', (application, world) =>
    register(registrarOf(world), { ...application, key: world.producers.gone.key }),
  ),
  registerAttack('key-of-a-service', 'producer.key_reused', (application, world) =>
    register(registrarOf(world), { ...application, key: world.serviceKeys.payment }),
  ),
];

/** A further key of a producer, which one operator may not certify alone. */
const furtherKeys: Attack[] = [
  furtherKey('by-one-operator', async () => ({}), 'producer.second_operator_needed'),
  furtherKey(
    'approved-by-itself',
    async (application) => ({ approval: await applicationOf(application) }),
    'producer.proof_invalid',
  ),
  furtherKey(
    'approved-by-another-producer',
    async (application, { producers }) => ({
      approval: await applicationOf(application, {}, producers.acme.key),
    }),
    'producer.proof_invalid',
  ),
  furtherKey(
    'approved-by-the-operator',
    async (application, world) => ({
      approval: await applicationOf(application, {}, registrarOf(world).dpopKey),
    }),
    'producer.proof_invalid',
  ),
  furtherKey(
    'approved-for-another-key',
    async (application, { producers }) => ({
      approval: await applicationOf(application, { jkt: producers.acme.key.kid }, producers.outlaw.key),
    }),
    'producer.proof_invalid',
  ),
];

function furtherKey(
  name: string,
  change: (application: Application, world: World) => Promise<object>,
  code: ErrorCode,
): Attack {
  const send = async (world: World): Promise<Answer> => {
    const { id: producerId } = world.producers.outlaw;
    const code = await invite(world.operators, producerId, ORDERS);
    const application = { producerId, key: await newDpopKey(), code, permissions: ORDERS };
    return register(registrarOf(world), application, await change(application, world));
  };
  return httpAttack(`registrar.further-key-${name}`, route, code, send, honest);
}

/** Names and permissions that no operator can give. */
const reserved: Attack[] = [...services, 'registrar', 'root'].flatMap((producerId) => [
  inviteAttack(`invite-as-${producerId}`, 'producer.name_reserved', producerId, ORDERS),
  httpAttack(`registrar.register-as-${producerId}`, route, 'producer.name_reserved', async (world) =>
    register(registrarOf(world), { producerId, key: await newDpopKey(), code: 'none', permissions: ORDERS }),
  ),
]);

const forbidden: Record<string, Permission[]> = {
  'for-tokens': [{ topic: API_AUDIENCE, types: ['access_token'] }],
  'for-the-key-topic': [{ topic: KEY_TOPIC, types: ['certificate'] }],
  'for-decisions': [{ topic: 'card.decisions.v1', types: ['card.decision'] }],
  'for-an-unknown-topic': [{ topic: 'x.v1', types: ['x'] }],
  'for-an-unknown-type': [{ topic: 'payment.commands.v1', types: ['payment.steal'] }],
  'for-all-types': [{ topic: 'payment.commands.v1', types: ['*'] }],
  ...Object.fromEntries(
    services.flatMap((service) =>
      servicePermissions(service).map(({ topic, types }) => [
        `of-${service}-on-${topic}`,
        [{ topic, types: types.slice(0, 1) }],
      ]),
    ),
  ),
};

const permissions: Attack[] = Object.entries(forbidden).map(([name, asked]) =>
  inviteAttack(`invite-${name}`, 'producer.permission_refused', newProducerId(), asked),
);

function inviteAttack(name: string, code: ErrorCode, producerId: string, asked: Permission[]): Attack {
  const send = (world: World): Promise<Answer> =>
    ask(registrarOf(world), operations.producerEnrol, {
      params: { producerId },
      body: JSON.stringify({ permissions: asked }),
    });
  return httpAttack(`registrar.${name}`, operations.producerEnrol, code, send, honest);
}

/** One code, several keys at once: it may certify one. */
const race: Attack = {
  name: 'registrar.one-code-for-several-keys-at-once',
  on: routeOf(route, 1),
  control: honest,
  run: async (world): Promise<Verdict> => {
    const application = await invited(world);
    const keys: SigningKey[] = await Promise.all([newDpopKey(), newDpopKey(), newDpopKey()]);
    const answers = await Promise.all(
      keys.map((key) => register(registrarOf(world), { ...application, key })),
    );
    const certified = answers.filter(({ status }) => status === 201);
    const refused = answers.find(({ status }) => status !== 201);
    if (certified.length !== 1 || refused === undefined)
      return { held: false, shown: `${certified.length} certified` };
    return refusedWith(refused, 'producer.enrolment_invalid');
  },
};

/** Attacks on the registrar, by one of its operators or by what a third party hands in. */
export const registrarAttacks: readonly Attack[] = [
  ...proofs,
  ...applications,
  ...furtherKeys,
  ...reserved,
  ...permissions,
  race,
];
