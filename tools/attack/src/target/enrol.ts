import { operations, type Permission } from '@tallystick/contracts';
import type { ApiClient, Operators } from '@tallystick/demo';
import type { SigningKey } from '@tallystick/security';
import { signJws } from '../forge/jws.ts';
import { ask, type Answer } from '../http/ask.ts';

/** An application for a certificate, as an operator passes it on. */
export interface Application {
  producerId: string;
  key: SigningKey;
  code: string;
  permissions: readonly Permission[];
  batch?: boolean;
}

/** Invites a third party. @returns its one-time code */
export async function invite(
  operators: Operators,
  producerId: string,
  permissions: readonly Permission[],
): Promise<string> {
  const { body } = await operators.call(operations.producerEnrol, {
    params: { producerId },
    body: { permissions: [...permissions], batch: false },
  });
  return body.enrolmentCode;
}

/**
 * Signs the application of a key.
 * @param changes to its claims
 * @param signer signs instead of the key itself
 */
export function applicationOf(
  { producerId, key, code, permissions, batch = false }: Application,
  changes: object = {},
  signer: SigningKey = key,
): Promise<string> {
  const claims = {
    sub: producerId,
    jkt: key.kid,
    permissions,
    batch,
    enrolment_code: code,
    iat: Math.floor(Date.now() / 1_000),
    ...changes,
  };
  return signJws({ alg: signer.alg, typ: 'tallystick-proof+jwt' }, claims, signer);
}

/** Registers a key as an operator. @param changes to the body, such as another proof */
export async function register(
  operator: ApiClient,
  application: Application,
  changes: object = {},
): Promise<Answer> {
  const { producerId, key, permissions, batch = false } = application;
  const body = {
    publicJwk: key.publicJwk,
    use: 'sig',
    permissions,
    batch,
    proof: await applicationOf(application),
    ...changes,
  };
  return ask(operator, operations.producerRegister, { params: { producerId }, body: JSON.stringify(body) });
}
