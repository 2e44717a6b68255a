import { generateKeyPairSync } from 'node:crypto';
import { clientPermissions, operations } from '@tallystick/contracts';
import { signApplication, type ProducerOptions } from '@tallystick/producer';
import type { Operators } from '../operators.ts';

/**
 * Enrols a third party as an operator and the party do: invitation, signed application, registration.
 * @returns the party's new private key
 * @throws ProblemError `producer.second_operator_needed` if the party has a key
 */
export async function enrolProducer(
  operators: Operators,
  producerId: string,
): Promise<ProducerOptions['privateJwk']> {
  const permissions = clientPermissions();
  const { body: invitation } = await operators.call(operations.producerEnrol, {
    params: { producerId },
    body: { permissions },
  });
  const privateJwk = generateKeyPairSync('ed25519').privateKey.export({
    format: 'jwk',
  }) as ProducerOptions['privateJwk'];
  const { enrolmentCode } = invitation;
  const application = await signApplication({ producerId, privateJwk, permissions, enrolmentCode });
  await operators.call(operations.producerRegister, {
    params: { producerId },
    body: application as never,
  });
  return privateJwk;
}
