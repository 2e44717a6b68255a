import {
  lower,
  newJti,
  type DataOf,
  type MessageDefinition,
  ENVELOPE_TYP,
  type EnvelopeClaims,
  BATCH_ALG,
} from '@tallystick/contracts';
import { CompactEncrypt } from 'jose';
import type { SigningKey } from '../keyring/jwk.ts';
import type { TrustedKey } from '../keyring/trusted-key.ts';
import { encodeBase64url } from '../parse/base64url.ts';
import { BATCH_SIZE_MAX, signBatch, signPlain } from './signature.ts';

/** The sender and the time of sealing. */
export interface Sender {
  /** The sender's id, equal to its certificate's `sub`. */
  issuer: string;
  signingKey: SigningKey;
  nowMs: number;
}

export interface MessageOptions {
  /** The full name of the topic, including a prefix. */
  topic: string;
  /** The id of the business transaction; a new one if absent. */
  txn?: string | undefined;
  /** `jti` of the message that caused this one. */
  cause?: string | undefined;
  /** Lifetime of a command, in seconds; that of its definition if absent. */
  lifetimeS?: number | undefined;
  jti?: string | undefined;
  /**
   * An earlier version to write; the newest if absent. The payload of an event is lowered to it; the payload of a
   * command must already have it.
   */
  version?: number | undefined;
  /** The recipient's key; required if the type is confidential. */
  encryptTo?: TrustedKey | undefined;
}

export type SealOptions = Sender & MessageOptions;

/** A message to seal together with others. */
export interface Unsealed {
  definition: MessageDefinition;
  /** The payload, amounts as `bigint`. */
  data: unknown;
  options: MessageOptions;
}

/** An envelope ready for a record. */
export interface SealedEnvelope {
  /** Record key, equal to the claim `sub`. */
  key: string;
  /** Record value: a compact JWS, or a compact JWE around it. */
  value: string;
  claims: EnvelopeClaims;
}

/**
 * Seals a message in the plain form. It validates the payload against its definition and signs it as a compact JWS (RFC
 * 7515). If the type is confidential, it encrypts the JWS to the recipient (RFC 7516, ECDH-ES and A256GCM).
 * @param data the payload, amounts as `bigint`
 * @throws ZodError if the payload does not match, which is a bug of the sender
 */
export function seal<Definition extends MessageDefinition>(
  definition: Definition,
  data: DataOf<Definition>,
  options: SealOptions & { version?: undefined },
): Promise<SealedEnvelope>;
export function seal(
  definition: MessageDefinition,
  data: unknown,
  options: SealOptions,
): Promise<SealedEnvelope>;
export async function seal(
  definition: MessageDefinition,
  data: unknown,
  { issuer, signingKey, nowMs, ...options }: SealOptions,
): Promise<SealedEnvelope> {
  const unsealed = { definition, data, options };
  const claims = claimsOf(unsealed, { issuer, signingKey, nowMs });
  const input = `${headerOf(signingKey.kid, signingKey.alg)}.${base64url(claims)}`;
  return finish(unsealed, claims, `${input}.${await signPlain(input, signingKey.signer)}`);
}

/**
 * Seals messages with one signature over their Merkle tree. Each envelope verifies alone, in any order, forever. The
 * sender's certificate must allow its key to sign batches.
 * @returns the envelopes, in the order of the messages
 */
export async function sealBatch(messages: readonly Unsealed[], sender: Sender): Promise<SealedEnvelope[]> {
  const { kid, signer } = sender.signingKey;
  const claims = messages.map((message) => claimsOf(message, sender));
  const header = headerOf(kid, BATCH_ALG);
  const payloads = claims.map(base64url);
  const signatures: string[] = [];
  for (let at = 0; at < payloads.length; at += BATCH_SIZE_MAX) {
    signatures.push(...(await signBatch(header, payloads.slice(at, at + BATCH_SIZE_MAX), signer)));
  }
  // `join` instead of `+`: a concatenated string would be copied once more when it is read.
  const envelopes = messages.map((message, at) =>
    finish(message, claims[at]!, [header, payloads[at], signatures[at]].join('.')),
  );
  return Promise.all(envelopes);
}

function claimsOf({ definition, data, options }: Unsealed, { issuer, nowMs }: Sender): EnvelopeClaims {
  const iat = Math.floor(nowMs / 1000);
  const { version = definition.version } = options;
  return {
    iss: issuer,
    aud: options.topic,
    sub: (data as Record<string, string>)[definition.key]!,
    jti: options.jti ?? newJti(),
    iat,
    ...(definition.kind === 'command' ? { exp: iat + (options.lifetimeS ?? definition.lifetimeS) } : {}),
    type: definition.type,
    version,
    txn: options.txn ?? newJti(),
    ...(options.cause === undefined ? {} : { cause: options.cause }),
    data: definition.versions[version]!.data.encode(
      (definition.kind === 'event' ? lower(definition, version, data) : data) as never,
    ),
  };
}

function headerOf(kid: string, alg: string): string {
  return base64url({ alg, typ: ENVELOPE_TYP, kid });
}

function base64url(value: object): string {
  return encodeBase64url(JSON.stringify(value));
}

async function finish(
  { definition, options }: Unsealed,
  claims: EnvelopeClaims,
  jws: string,
): Promise<SealedEnvelope> {
  if (definition.classification !== 'confidential') return { key: claims.sub, value: jws, claims };
  if (options.encryptTo === undefined)
    throw new Error(`${definition.type} is confidential and needs the recipient's key`);
  const value = await new CompactEncrypt(Buffer.from(jws, 'latin1'))
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', cty: 'JWT', kid: options.encryptTo.kid })
    .encrypt(options.encryptTo.publicKey);
  return { key: claims.sub, value, claims };
}
