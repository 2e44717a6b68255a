import { dirname, join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { clientPermissions, operations, coreServices, type CoreServiceName } from '@tallystick/contracts';
import { newDpopKey, Operators, signingKeyOf, watch } from '@tallystick/demo';
import { createKafka } from '@tallystick/messaging';
import { kafkaOf, THIRD_PARTY, until, type StackFile } from '@tallystick/stack';
import { createLogger } from '@tallystick/telemetry';
import { invite, register } from './enrol.ts';
import { readKeyRecords } from './key-records.ts';
import { openAccounts } from './accounts.ts';
import { signPersonIn } from './people.ts';
import type { Producer, World } from './world.ts';

/**
 * Prepares everything that the attacks need: signed-in people, accounts, an object of each kind, and third parties of
 * which one has no mandate and one a revoked key.
 */
export async function openWorld(
  stack: StackFile,
  restart: World['restart'],
): Promise<{ world: World; close(): Promise<void> }> {
  const [first, second] = stack.customers;
  if (first === undefined || second === undefined)
    throw new Error('the stack file names fewer than two customers');
  const logger = createLogger({ service: 'attack', level: 'silent', confidentialFields: [] });
  const kafka = createKafka({ ...kafkaOf(stack), clientId: 'attack', logger });
  const [victim, thief, operators] = await Promise.all([
    signPersonIn(stack, first),
    signPersonIn(stack, second),
    Operators.signIn(stack),
  ]);
  const people = { victim, thief, operators };
  const [outlaw, gone] = await Promise.all([enrolled(operators, 'outlaw'), enrolled(operators, 'gone')]);
  const [watching, opened, acme, bystander, serviceKeys, token, registrar] = await Promise.all([
    watch(stack, [outlaw.id, gone.id]),
    openAccounts(people, operatorOf(stack)),
    known(stack, THIRD_PARTY),
    known(stack, 'bystander'),
    keysOfServices(stack),
    authKey(stack, 'token'),
    authKey(stack, 'registrar'),
  ]);
  await operators.call(operations.producerKeyRevoke, { params: { producerId: gone.id, kid: gone.key.kid } });
  await until(() => watching.keyring.find(gone.key.kid)?.certificate.status === 'revoked', REVOKED_WITHIN_MS);
  const world: World = {
    stack,
    kafka,
    watch: watching,
    ...people,
    ...opened,
    producers: { acme, bystander, outlaw, gone },
    serviceKeys,
    authKeys: { token, registrar },
    keyRecords: await readKeyRecords(kafka, stack.kafka.topicPrefix ?? ''),
    restart,
  };
  return { world, close: () => watching.stop() };
}

/** A person who is an operator, and nobody's victim: attacks call operations on them. */
function operatorOf({ operators: [operator] }: StackFile): string {
  if (operator === undefined) throw new Error('the stack file names no operator');
  return operator.id;
}

const REVOKED_WITHIN_MS = 10_000;

async function known(stack: StackFile, id: string): Promise<Producer> {
  const found = stack.producers.find((one) => one.id === id);
  if (found === undefined) throw new Error(`the stack file names no producer ${id}`);
  return { id, key: await signingKeyOf(found.privateJwk) };
}

/** Registers a third party with every permission of third parties, under a name that no other run has. */
async function enrolled(operators: Operators, name: string): Promise<Producer> {
  const id = `${name}-${randomBytes(4).toString('hex')}`;
  const key = await newDpopKey();
  const permissions = clientPermissions();
  const code = await invite(operators, id, permissions);
  const { status, text } = await register(operators.with('registrar'), {
    producerId: id,
    key,
    code,
    permissions,
  });
  if (status !== 201) throw new Error(`${id} was not registered: ${text}`);
  return { id, key };
}

async function keysOfServices({ serviceKeys }: StackFile): Promise<World['serviceKeys']> {
  const keys = coreServices.map(async (name) => [name, await signingKeyOf(serviceKeys[name]!)] as const);
  return Object.fromEntries(await Promise.all(keys)) as Record<
    CoreServiceName,
    Awaited<ReturnType<typeof signingKeyOf>>
  >;
}

/** Reads a key of auth that lies beside the trust anchors. */
function authKey({ trustAnchors }: StackFile, name: string): ReturnType<typeof signingKeyOf> {
  return signingKeyOf(join(dirname(trustAnchors), `${name}.jwk.json`));
}
