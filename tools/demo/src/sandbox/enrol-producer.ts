import { generateKeyPairSync } from 'node:crypto';
import { ProblemError } from '@tallystick/client';
import { clientPermissions, operations } from '@tallystick/contracts';
import { signApplication, type ProducerOptions } from '@tallystick/producer';
import { importSigningKey } from '@tallystick/security';
import { SettingError } from '@tallystick/stack';
import type { Operators } from '../operators.ts';

type Jwk = ProducerOptions['privateJwk'];

/**
 * Enrols a third party as an operator and the party do: invitation, signed application, registration.
 * @param presentJwk a key that it may have: if it is certified, nothing is done
 * @returns the private key of the party
 * @throws SettingError if the party has another key
 */
export async function enrolProducer(
  operators: Operators,
  producerId: string,
  presentJwk: Jwk | undefined,
): Promise<Jwk> {
  if (presentJwk !== undefined && (await isCertified(operators, producerId, presentJwk))) return presentJwk;
  const permissions = clientPermissions();
  const params = { producerId };
  const { body: invitation } = await operators.call(operations.producerEnrol, {
    params,
    body: { permissions },
  });
  const privateJwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }) as Jwk;
  const { enrolmentCode } = invitation;
  const application = await signApplication({ producerId, privateJwk, permissions, enrolmentCode });
  try {
    await operators.call(operations.producerRegister, { params, body: application as never });
  } catch (error) {
    if (!(error instanceof ProblemError) || error.code !== 'producer.second_operator_needed') throw error;
    throw new SettingError(`${producerId} has a key already: choose another id with --producer`, {
      cause: error,
    });
  }
  return privateJwk;
}

async function isCertified(operators: Operators, producerId: string, jwk: Jwk): Promise<boolean> {
  const { kid } = await importSigningKey(jwk);
  const { body } = await operators.call(operations.producerList);
  return body.keys.some((key) => key.producerId === producerId && key.kid === kid && key.status === 'active');
}
