import type { DataOf, MessageDefinition } from '@tallystick/contracts';
import type { VerifiedEvidence } from '@tallystick/security';

type Order = VerifiedEvidence & { kind: 'order' };

/** A third party's order as verifying it gives it back, for a bench of what comes after. */
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
