import type { DataOf, MessageDefinition } from '@tallystick/contracts';
import type { VerifiedEvidence } from '@tallystick/security';

type Order = VerifiedEvidence & { kind: 'order' };

/** Returns a third party's order as its verification does, for a bench of later steps. */
export function openPlain<Definition extends MessageDefinition>(
  definition: Definition,
  producerId: string,
  jti: string,
  data: DataOf<Definition>,
): Order {
  const message = { definition, data, claims: { iss: producerId, jti } } as unknown as Order['message'];
  return {
    kind: 'order',
    producerId,
    message,
    use: { iss: producerId, jti, usableUntilS: Math.floor(Date.now() / 1000) + 3_600 },
  };
}
