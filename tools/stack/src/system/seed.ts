import { randomBytes } from 'node:crypto';
import {
  newId,
  outsideCommands,
  producerKafkaAccess,
  scopes,
  serviceKafkaAccess,
  servicePermissions,
  services,
  type KafkaAccess,
  type Permission,
  type ServiceName,
} from '@tallystick/contracts';
import type { StackFile } from '../stack-file.ts';
import { kafkaUserOf, type TransportSecurity } from '../tls/transport-security.ts';
import type { GeneratedKey, KeyMaker } from './keys.ts';

/** The outside producer of the demo, and one that is known and may send nothing. */
export const OUTSIDE_PRODUCER = 'acme';
export const POWERLESS_PRODUCER = 'bystander';
/** The client that acts for the operator, and owns the outside world's accounts. */
export const OPERATOR_CLIENT = 'operator';
export const CUSTOMER_CLIENT = 'demo-app';

/** Who speaks to Kafka in a system, beside the stack itself. */
export const systemKafkaUsers: readonly string[] = [...services, OUTSIDE_PRODUCER, POWERLESS_PRODUCER];

const OPERATOR_SCOPES = ['accounts:read', 'transfers:write', 'ledger:read', 'producers:write'];

/** All keys of a run by what they are for. */
export interface SystemKeys {
  services: Record<ServiceName, GeneratedKey>;
  cardEncryption: GeneratedKey;
  producers: Record<string, GeneratedKey>;
  operator: GeneratedKey;
}

export async function makeKeys(maker: KeyMaker): Promise<SystemKeys> {
  const [serviceKeys, cardEncryption, acme, bystander, operator] = await Promise.all([
    Promise.all(services.map(async (service) => [service, await maker.key(service)] as const)),
    maker.key('card-encryption', 'x25519'),
    maker.key(`producer-${OUTSIDE_PRODUCER}`),
    maker.key(`producer-${POWERLESS_PRODUCER}`),
    maker.key('client-operator'),
  ]);
  return {
    services: Object.fromEntries(serviceKeys) as Record<ServiceName, GeneratedKey>,
    cardEncryption,
    producers: { [OUTSIDE_PRODUCER]: acme, [POWERLESS_PRODUCER]: bystander },
    operator,
  };
}

/** What auth is to know from its start, and what the stack file says of it. */
export interface Seed {
  customers: { id: string; email: string; password: string; name: string }[];
  clients: Record<string, unknown>[];
  producers: { id: string; keys: { publicJwk: object; use: 'sig' | 'enc'; permissions: Permission[] }[] }[];
}

/** Who may sign a batch at once: the services, as by default; the outside producers too; or nobody. */
export type Signatures = 'batch' | 'all' | 'each';

export function makeSeed(keys: SystemKeys, signatures: Signatures = 'batch'): Seed {
  const password = (): string => randomBytes(12).toString('base64url');
  const customerScopes = Object.keys(scopes).filter(
    (scope) => scope !== 'ledger:read' && scope !== 'producers:write',
  );
  return {
    customers: [
      { id: newId('usr'), email: 'customer@example.com', password: password(), name: 'Customer' },
      { id: newId('usr'), email: 'merchant@example.com', password: password(), name: 'Merchant' },
    ],
    clients: [
      {
        client_id: CUSTOMER_CLIENT,
        client_name: 'Demo app',
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        redirect_uris: ['http://127.0.0.1/callback'],
        scope: ['openid', 'offline_access', ...customerScopes].join(' '),
        dpop_bound_access_tokens: true,
      },
      {
        client_id: OPERATOR_CLIENT,
        client_name: 'Operator',
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [{ ...keys.operator.publicJwk, kid: keys.operator.kid, use: 'sig' }] },
        grant_types: ['client_credentials'],
        response_types: [],
        redirect_uris: [],
        scope: OPERATOR_SCOPES.join(' '),
        dpop_bound_access_tokens: true,
      },
    ],
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

/** What each user of Kafka may do there. */
export function systemKafkaAccess(): Map<string, KafkaAccess[]> {
  return new Map([
    ...services.map((service) => [service, serviceKafkaAccess(service)] as const),
    ...[OUTSIDE_PRODUCER, POWERLESS_PRODUCER].map(
      (id) => [id, producerKafkaAccess(id, outsidePermissions(id))] as const,
    ),
  ]);
}

function outsidePermissions(id: string): Permission[] {
  return id === OUTSIDE_PRODUCER ? outsideCommands : [];
}

/** The producers as the stack file lists them, each with the file of its private key. */
export function producersOf(
  keys: SystemKeys,
  security: TransportSecurity | undefined,
): StackFile['producers'] {
  return Object.entries(keys.producers).map(([id, { kid, file }]) => ({
    id,
    kid,
    privateJwk: file,
    permissions: outsidePermissions(id),
    kafkaUser: security && kafkaUserOf(security, id),
  }));
}
