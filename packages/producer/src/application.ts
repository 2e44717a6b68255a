import type { Permission } from '@tallystick/contracts';
import { importSigningKey, signPossession, type SigningKey } from '@tallystick/security';
import type { ProducerOptions } from './producer.ts';

/** What a third party applies for. */
export interface ApplicationOptions {
  /** As in the operator's invitation. */
  producerId: string;
  /** The new private key. */
  privateJwk: ProducerOptions['privateJwk'];
  /** The topics and types that the key may sign; those of the invitation. */
  permissions: readonly Permission[];
  /** The one-time code of the invitation. */
  enrolmentCode: string;
  /** Whether the key may sign many messages at once. */
  batch?: boolean;
  /** The private key that the party has: it approves a further one. */
  presentJwk?: ProducerOptions['privateJwk'];
}

/** What the operator sends to `POST /v1/producers/{producerId}/keys`. */
export interface SignedApplication {
  publicJwk: object;
  permissions: Permission[];
  batch: boolean;
  /** Compact JWS by the new key. */
  proof: string;
  /** The same claims, signed by the key that the party has. */
  approval?: string;
}

/** Signs the application for a certificate of a new key. The operator must register it within five minutes. */
export async function signApplication(options: ApplicationOptions): Promise<SignedApplication> {
  const { producerId, privateJwk, permissions, enrolmentCode, batch = false, presentJwk } = options;
  const key = await importSigningKey(privateJwk);
  const application = { producerId, kid: key.kid, permissions, batch };
  const sign = (signer: SigningKey): Promise<string> =>
    signPossession(signer, application, enrolmentCode, Math.floor(Date.now() / 1_000));
  return {
    publicJwk: key.publicJwk,
    permissions: [...permissions],
    batch,
    proof: await sign(key),
    ...(presentJwk === undefined ? {} : { approval: await sign(await importSigningKey(presentJwk)) }),
  };
}
