import type { EnvelopeClaims, MessageDefinition } from '@tallystick/contracts';

/** A message that passed every check except the one for replays, which needs the receiver's memory. */
export interface OpenedMessage<Data = unknown> {
  definition: MessageDefinition;
  /** As signed: `version` and `data` as received. */
  claims: EnvelopeClaims;
  /** The payload, decoded and lifted to the newest version: amounts are `bigint`. */
  data: Data;
  kid: string;
  /** Until when (`iss`, `jti`) must be remembered, in seconds: later the message is refused by its age. */
  rememberUntilS: number;
  /** The compact JWS, byte for byte, for use as evidence. */
  jws: string;
}
