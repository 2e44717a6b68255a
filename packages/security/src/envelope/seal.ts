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
import type { TrustedKey } from '../keyring/keyring.ts';
import { encodeBase64url } from '../parse/base64url.ts';
import { BATCH_SIZE_MAX, signBatch, signPlain } from './signature.ts';

/** Who seals, and when. */
export interface Sender {
  /** The sender's id, as its certificate's `sub`. */
  issuer: string;
  signingKey: SigningKey;
  nowMs: number;
}

export interface MessageOptions {
  /** The topic by its full name, with a prefix where there is one. */
  topic: string;
  /** The business transaction; a new one begins where absent. */
  txn?: string | undefined;
  /** `jti` of the message that caused this one. */
  cause?: string | undefined;
  /** Time that a command has to be carried out, in seconds; its definition's where absent. */
  lifetimeS?: number | undefined;
  jti?: string | undefined;
  /**
   * An earlier version to write; the newest where absent. The payload of an event is lowered to it, that of a command is
   * given in it.
   */
  version?: number | undefined;
  /** The recipient's key, needed where the type is confidential. */
  encryptTo?: TrustedKey | undefined;
}

export type SealOptions = Sender & MessageOptions;

/** A message to be sealed together with others. */
export interface Unsealed {
  definition: MessageDefinition;
  /** The payload, amounts as `bigint`. */
  data: unknown;
  options: MessageOptions;
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
 * Seals a message in the plain form: validates the payload against its definition, signs it as a compact JWS
 * (RFC 7515), and encrypts that to the recipient (RFC 7516, ECDH-ES and A256GCM) where the type is confidential.
 * @param data the payload, amounts as `bigint`
 * @throws ZodError where the payload does not fit: a fault of the sender's own code
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
 * Seals messages under one signature over their Merkle tree. Each verifies alone, in any order, for ever.
 * The sender's certificate must say that its key may sign so.
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
  // Joined, not added: a sum would be copied once more when it is read.
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
