import {
  newId,
  operatorKafkaAccess,
  clientPermissions,
  messages,
  producerKafkaAccess,
  powers,
  serviceKafkaAccess,
  servicePermissions,
  services,
  type KafkaAccess,
  type Permission,
  type Power,
  type ServiceName,
} from '@tallystick/contracts';
import type { StackFile } from '../stack-file.ts';
import type { KafkaUser } from '../tls/transport-security.ts';
import { CONSOLE_CLIENT, isPower, PROBE, seedClients } from './clients.ts';
import { randomSecret, type GeneratedKey, type KeyPair } from './keys.ts';

/** The third party of the demo, and a registered one without permissions. */
export const THIRD_PARTY = 'acme';
export const POWERLESS_PRODUCER = 'bystander';
/** The user of Kafka that lists and releases quarantined messages. */
export const OPERATOR_USER = 'operator';

/** The users of Kafka in a system, in addition to the stack itself. */
export const systemKafkaUsers: readonly string[] = [
  ...services,
  OPERATOR_USER,
  THIRD_PARTY,
  POWERLESS_PRODUCER,
  PROBE,
];

/** The people who are operators of a stack, and sign in to its console if it runs: one with every role but treasury, two to bring money in together. */
function demoOperators(): Seed['operators'] {
  const operator = (name: string, roles: Power[]): Seed['operators'][number] => ({
    id: newId('opr'),
    email: `${name.toLowerCase()}@operators.example.com`,
    password: randomSecret(),
    name,
    roles,
  });
  return [
    operator('Olivia', ['reader', 'support', 'registrar']),
    operator('Theo', ['reader', 'treasury']),
    operator('Tessa', ['reader', 'treasury']),
  ];
}

/** All keys of the seed, by their purpose. */
export interface SystemKeys<Key extends KeyPair = GeneratedKey> {
  services: Record<ServiceName, Key>;
  cardEncryption: Key;
  producers: Record<string, Key>;
  /** Of the operators' clients, by power. */
  operators: Record<Power, Key>;
  /** Of the probe's client. */
  probe: Key;
  /** Of the console's client. */
  consoleClient: Key;
}

/** @param make generates and stores a key; a signing key unless a type is given */
export async function makeKeys<Key extends KeyPair>(
  make: (name: string, type?: 'x25519') => Promise<Key>,
): Promise<SystemKeys<Key>> {
  const [serviceKeys, cardEncryption, acme, bystander, probeProducer, operators, probe, consoleKey] =
    await Promise.all([
      Promise.all(services.map(async (service) => [service, await make(service)] as const)),
      make('card-encryption', 'x25519'),
      make(`producer-${THIRD_PARTY}`),
      make(`producer-${POWERLESS_PRODUCER}`),
      make(`producer-${PROBE}`),
      Promise.all(powers.map(async (power) => [power, await make(`client-${power}`)] as const)),
      make(`client-${PROBE}`),
      make(`client-${CONSOLE_CLIENT}`),
    ]);
  return {
    services: Object.fromEntries(serviceKeys) as Record<ServiceName, Key>,
    cardEncryption,
    producers: { [THIRD_PARTY]: acme, [POWERLESS_PRODUCER]: bystander, [PROBE]: probeProducer },
    operators: Object.fromEntries(operators) as Record<Power, Key>,
    probe,
    consoleClient: consoleKey,
  };
}

/** The initial data of auth, also described in the stack file. */
export interface Seed {
  customers: { id: string; email: string; password: string; name: string }[];
  operators: { id: string; email: string; password: string; name: string; roles: Power[] }[];
  clients: Record<string, unknown>[];
  producers: { id: string; keys: { publicJwk: object; use: 'sig' | 'enc'; permissions: Permission[] }[] }[];
}

/** Who may sign a batch at once: the services, as by default; the third parties too; or nobody. */
export type Signatures = 'batch' | 'all' | 'each';

/**
 * @param options.docsOrigins the services' own addresses, whose page `/docs` signs people in; by default there is no such
 * client
 * @param options.consoleOrigin the address of the console; by default nobody signs in to one
 */
export function makeSeed(
  keys: SystemKeys<KeyPair>,
  {
    signatures = 'batch',
    docsOrigins = [],
    consoleOrigin,
  }: { signatures?: Signatures; docsOrigins?: readonly string[]; consoleOrigin?: string | undefined } = {},
): Seed {
  return {
    customers: [
      { id: newId('usr'), email: 'customer@example.com', password: randomSecret(), name: 'Customer' },
      { id: newId('usr'), email: 'merchant@example.com', password: randomSecret(), name: 'Merchant' },
    ],
    operators: demoOperators(),
    clients: seedClients(keys, { docsOrigins, consoleOrigin }),
    producers: [
      ...services
        .filter((service) => service !== 'auth')
        .map((service) => ({
          id: service,
          keys: [
            {
              publicJwk: keys.services[service].publicJwk,
              use: 'sig' as const,
              permissions: servicePermissions(service),
              batch: signatures !== 'each',
            },
            ...(service === 'card'
              ? [{ publicJwk: keys.cardEncryption.publicJwk, use: 'enc' as const, permissions: [] }]
              : []),
          ],
        })),
      ...Object.entries(keys.producers).map(([id, { publicJwk }]) => ({
        id,
        keys: [
          {
            publicJwk,
            use: 'sig' as const,
            permissions: outsidePermissions(id),
            batch: signatures === 'all',
          },
        ],
      })),
    ],
  };
}

/** Returns the rights of each user of Kafka. */
export function systemKafkaAccess(): Map<string, KafkaAccess[]> {
  return new Map([
    ...services.map((service) => [service, serviceKafkaAccess(service)] as const),
    [OPERATOR_USER, operatorKafkaAccess()],
    ...[THIRD_PARTY, POWERLESS_PRODUCER, PROBE].map(
      (id) => [id, producerKafkaAccess(id, outsidePermissions(id))] as const,
    ),
  ]);
}

function outsidePermissions(id: string): Permission[] {
  if (id === PROBE) return [{ topic: messages.paymentCreate.topic, types: [messages.paymentCreate.type] }];
  return id === THIRD_PARTY ? clientPermissions() : [];
}

/**
 * Returns the part of a stack file that describes third parties and clients.
 * @param files paths of the private keys of producers, and of the clients of operators and the probe
 * @param kafkaUser a producer's own user of Kafka, if transport is private
 */
export function outsidersOf(
  { keys, seed }: { keys: SystemKeys<KeyPair>; seed: Seed },
  files: {
    producer: (id: string) => string;
    client: (id: Power | typeof PROBE | typeof CONSOLE_CLIENT) => string;
  },
  kafkaUser: (id: string) => KafkaUser | undefined = () => undefined,
): Pick<StackFile, 'producers' | 'clients' | 'customers' | 'operators'> {
  return {
    producers: Object.entries(keys.producers).map(([id, { kid }]) => ({
      id,
      kid,
      privateJwk: files.producer(id),
      permissions: outsidePermissions(id),
      kafkaUser: kafkaUser(id),
    })),
    clients: seed.clients.map(({ client_id, redirect_uris, scope }) => ({
      client_id: client_id as string,
      redirect_uris,
      scope,
      ...(isPower(client_id) || client_id === PROBE || client_id === CONSOLE_CLIENT
        ? { privateJwk: files.client(client_id) }
        : {}),
    })),
    customers: seed.customers,
    operators: seed.operators,
  };
}
