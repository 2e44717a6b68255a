import { newJti, type MessageDefinition } from '@tallystick/contracts';
import { CompactEncrypt, CompactSign } from 'jose';
import * as z from 'zod';
import type { SigningKey } from '../keyring/jwk.ts';
import type { TrustedKey } from '../keyring/keyring.ts';
import { ENVELOPE_TYP, type EnvelopeClaims } from './claims.ts';

/** Time that a command has to be carried out, in seconds, unless its sender says otherwise. */
export const COMMAND_LIFETIME_S = 300;

export interface SealOptions {
  /** The sender's id, as its certificate's `sub`. */
  issuer: string;
  signingKey: SigningKey;
  /** The topic by its full name, with a prefix where there is one. */
  topic: string;
  nowMs: number;
  /** The business transaction; a new one begins where absent. */
  txn?: string | undefined;
  /** `jti` of the message that caused this one. */
  cause?: string | undefined;
  lifetimeS?: number | undefined;
  jti?: string | undefined;
  /** The recipient's key, needed where the type is confidential. */
  encryptTo?: TrustedKey | undefined;
}

/** An envelope ready to be a record. */
export interface SealedEnvelope {
  /** Record key, equal to the claim `sub`. */
  key: string;
  /** Record value: a compact JWS, or a compact JWE around it. */
  value: string;
  claims: EnvelopeClaims;
}

/**
 * Seals a message: validates the payload against its definition, signs it as a compact JWS (RFC 7515), and
 * encrypts that to the recipient (RFC 7516, ECDH-ES and A256GCM) where the type is confidential.
 * @param data the payload, amounts as `bigint`
 * @throws ZodError where the payload does not fit: a fault of the sender's own code
 */
export async function seal<Data extends z.ZodType>(
  definition: MessageDefinition<string, Data>,
  data: z.output<Data>,
  options: SealOptions,
): Promise<SealedEnvelope> {
  const wire: unknown = z.encode(definition.data, data as never);
  const iat = Math.floor(options.nowMs / 1000);
  const claims: EnvelopeClaims = {
    iss: options.issuer,
    aud: options.topic,
    sub: definition.key(data),
    jti: options.jti ?? newJti(),
    iat,
    ...(definition.kind === 'command' ? { exp: iat + (options.lifetimeS ?? COMMAND_LIFETIME_S) } : {}),
    type: definition.type,
    version: definition.version,
    txn: options.txn ?? newJti(),
    ...(options.cause === undefined ? {} : { cause: options.cause }),
    data: wire,
  };
  const { alg, kid, privateKey } = options.signingKey;
  const jws = await new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ alg, typ: ENVELOPE_TYP, kid })
    .sign(privateKey);
  if (definition.classification !== 'confidential') return { key: claims.sub, value: jws, claims };

  if (options.encryptTo === undefined)
    throw new Error(`${definition.type} is confidential and needs the recipient's key`);
  const value = await new CompactEncrypt(new TextEncoder().encode(jws))
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', cty: 'JWT', kid: options.encryptTo.kid })
    .encrypt(options.encryptTo.publicKey);
  return { key: claims.sub, value, claims };
}
