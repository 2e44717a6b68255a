import { services } from '@tallystick/contracts';
import type { TrustedKey } from '@tallystick/security';

const HOUR_S = 3_600;
const DAY_S = 24 * HOUR_S;
/** A key that ends within this time should be replaced now. */
export const ENDS_SOON_S = 30 * DAY_S;

/** A producer with the keys that the registrar certified. */
export interface Producer {
  producerId: string;
  isService: boolean;
  /** Newest first. */
  keys: TrustedKey[];
  /** When the last of its active keys ends, in seconds since the epoch; `undefined` if it has none. */
  endsAtS: number | undefined;
}

/** Groups keys by their producers: services first, then third parties, each by name. */
export function producersOf(keys: readonly TrustedKey[]): Producer[] {
  return [...Map.groupBy(keys, ({ producerId }) => producerId)]
    .map(([producerId, own]): Producer => {
      const active = own.filter(({ certificate: { status } }) => status === 'active');
      const ends = active.map(({ certificate: { exp } }) => exp);
      return {
        producerId,
        isService: (services as readonly string[]).includes(producerId),
        keys: own.toSorted((one, other) => other.certificate.nbf - one.certificate.nbf),
        endsAtS: ends.length === 0 ? undefined : Math.max(...ends),
      };
    })
    .toSorted(
      (one, other) =>
        Number(other.isService) - Number(one.isService) || one.producerId.localeCompare(other.producerId),
    );
}
