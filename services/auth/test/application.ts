import { randomUUID } from 'node:crypto';
import type { SigningKey } from '@tallystick/security';
import { SignJWT } from 'jose';
import type { OperatorClient } from './client.ts';

export const orderPermissions = [{ topic: 'payment.commands.v1', types: ['payment.create'] }];

/** A name that no other test uses. */
export const newProducerId = (): string => `shop-${randomUUID()}`;

/** Enrols a producer. @returns the code */
export async function enrolled(
  operator: OperatorClient,
  producerId: string,
  permissions: object[] = orderPermissions,
): Promise<string> {
  const { status, body } = await operator.call('POST', `/v1/producers/${producerId}/enrolments`, {
    permissions,
  });
  if (status !== 201) throw new Error(JSON.stringify(body));
  return (body as { enrolmentCode: string }).enrolmentCode;
}

/** Signs an application for a key: by the key itself, or by another that approves it. */
export function applicationFor(
  key: SigningKey,
  producerId: string,
  code: string,
  { signer = key, permissions = orderPermissions }: { signer?: SigningKey; permissions?: object[] } = {},
): Promise<string> {
  return new SignJWT({ sub: producerId, jkt: key.kid, permissions, batch: false, enrolment_code: code })
    .setIssuedAt()
    .setProtectedHeader({ alg: signer.alg, typ: 'tallystick-proof+jwt' })
    .sign(signer.privateKey);
}

/** Builds the registration of a key. */
export async function registrationOf(
  key: SigningKey,
  producerId: string,
  code: string,
  changes: object = {},
): Promise<object> {
  const proof = await applicationFor(key, producerId, code);
  return { publicJwk: key.publicJwk, use: 'sig', permissions: orderPermissions, proof, ...changes };
}
