import {
  CodedError,
  DECISIONS_AUDIENCE,
  liftBody,
  operations,
  type ErrorCode,
  type Evidence,
  type OperationDefinition,
  type ServiceName,
} from '@tallystick/contracts';
import * as z from 'zod';
import { defaultPolicy, type EnvelopePolicy } from '../envelope/claims.ts';
import { open } from '../envelope/open.ts';
import type { OpenedMessage } from '../envelope/opened-message.ts';
import type { Keyring } from '../keyring/keyring.ts';
import { decodeBase64url } from '../parse/base64url.ts';
import { parseExactJson, parseJson } from '../parse/json.ts';
import { verifyAccessToken } from '../request/access-token.ts';
import { verifyProof, wholeSeconds } from '../request/dpop.ts';
import { targetUrl } from '../request/target-url.ts';

/** The identity of a piece of evidence, so that it moves money only once. */
export interface EvidenceUse {
  /** The author: a producer's id, or the thumbprint of the key of the proof. */
  iss: string;
  jti: string;
  /** The end of its usability, in seconds since the epoch. */
  usableUntilS: number;
}

/** Verified evidence. The receiving service compares it with the command. */
export type VerifiedEvidence =
  | { kind: 'order'; use: EvidenceUse; producerId: string; message: OpenedMessage }
  | { kind: 'decision'; use: EvidenceUse; message: OpenedMessage; request: VerifiedRequest }
  | VerifiedRequest;

/** A verified HTTP request. */
export interface VerifiedRequest {
  kind: 'request';
  use: EvidenceUse;
  /** The customer or client that made the request. */
  subject: string;
  operation: OperationDefinition;
  params: Record<string, string>;
  /** The body, decoded with the schema of the called version and lifted to the newest. */
  body: unknown;
  /** When the proof was signed, in seconds since the epoch. */
  signedAtS: number;
}

export interface EvidenceContext {
  keyring: Keyring;
  nowMs: number;
  topicPrefix: string;
  /** The authorization server, as in a token's `iss`. */
  issuer: string;
  /** The origins of the operations that may be evidence; the `htu` of a proof must start with them. */
  publicUrls: Partial<Record<ServiceName, string>>;
  policy?: EnvelopePolicy;
  /** How long after its signing a request may still move money, in seconds. */
  requestAgeMaxS?: number;
  /** As of `open`: whether a key that was revoked later counts. Only for a program that reads history. */
  asSigned?: boolean;
}

const REQUEST_AGE_MAX_S = 3_600;

/**
 * Verifies evidence that the account owner or the card service signed. An order is verified by the third party's
 * certificate and its expiry. A request is verified by auth's key, the key that the token is bound to, method, URL and
 * body digest. A decision is verified by the card service's certificate, together with the holder's request.
 * @throws CodedError `evidence.invalid`, `evidence.expired`
 */
export async function verifyEvidence(
  evidence: Evidence,
  context: EvidenceContext,
): Promise<VerifiedEvidence> {
  switch (evidence.kind) {
    case 'order': {
      const message = await openEnvelope(
        evidence.envelope,
        `${context.topicPrefix}payment.commands.v1`,
        context,
      );
      return { kind: 'order', use: useOf(message), producerId: message.claims.iss, message };
    }
    case 'decision': {
      const message = await openEnvelope(
        evidence.envelope,
        context.topicPrefix + DECISIONS_AUDIENCE,
        context,
      );
      const request = await verifyRequest(evidence.request, context);
      return { kind: 'decision', use: useOf(message), message, request };
    }
    case 'request':
      return verifyRequest(evidence, context);
  }
}

/**
 * Verifies evidence and returns the error code instead of throwing, because a refusal is a normal answer.
 * @returns the evidence, or the code of its refusal
 */
export async function verifiedOrCode(
  evidence: Evidence,
  context: EvidenceContext,
): Promise<VerifiedEvidence | { code: ErrorCode }> {
  try {
    return await verifyEvidence(evidence, context);
  } catch (error) {
    if (error instanceof CodedError) return { code: error.code };
    throw error;
  }
}

async function openEnvelope(
  envelope: string,
  audience: string,
  context: EvidenceContext,
): Promise<OpenedMessage> {
  const result = await open(
    // An envelope inside another has no record key to compare, but its payload's id is still checked.
    { topic: audience, key: undefined, value: Buffer.from(envelope) },
    {
      keyring: context.keyring,
      nowMs: context.nowMs,
      topicPrefix: context.topicPrefix,
      policy: context.policy,
      asSigned: context.asSigned,
    },
  );
  if (result.ok) return result.message;
  const { code } = result.refusal;
  throw new CodedError(code === 'envelope.expired' ? 'evidence.expired' : 'evidence.invalid', {
    detail: code,
  });
}

function useOf({ claims, rememberUntilS }: OpenedMessage): EvidenceUse {
  return { iss: claims.iss, jti: claims.jti, usableUntilS: rememberUntilS };
}

async function verifyRequest(
  evidence: Evidence & { kind: 'request' },
  context: EvidenceContext,
): Promise<VerifiedRequest> {
  const operation = Object.values<OperationDefinition>(operations).find(
    ({ id }) => id === evidence.operation,
  );
  if (operation === undefined || operation.proof !== 'dpop')
    throw invalid('the operation gives no authority');
  const { htu, iat } = unverifiedClaims(evidence.proof);
  const called = calledAt(operation, htu, context.publicUrls[operation.service]);
  if (called === undefined) throw invalid('htu is not that of the operation');
  const { version, params } = called;
  const ageMaxS = context.requestAgeMaxS ?? REQUEST_AGE_MAX_S;
  const skewS = (context.policy ?? defaultPolicy).clockSkewS;
  if (iat + ageMaxS < context.nowMs / 1000) throw new CodedError('evidence.expired');
  try {
    // The token must have been valid when the request was made; the request may be carried out later.
    const token = await verifyAccessToken(evidence.accessToken, {
      keyring: context.keyring,
      issuer: context.issuer,
      atMs: iat * 1000,
      clockSkewS: skewS,
    });
    if (token.keyThumbprint === undefined) throw invalid('the token is not bound to a key');
    if (!token.scopes.has(operation.scope)) throw invalid('the token does not cover the operation');
    const proof = await verifyProof(evidence.proof, {
      method: operation.method,
      url: htu,
      accessToken: evidence.accessToken,
      keyThumbprint: token.keyThumbprint,
      body: evidence.body,
      atMs: context.nowMs,
      ageMaxS,
      clockSkewS: skewS,
      isAcceptedBefore: true,
    });
    const sent = evidence.body === '' ? {} : parseExactJson(evidence.body);
    const body = operation.versions[version]!.body.safeParse(sent);
    if (!body.success) throw invalid('the body does not fit the operation');
    const use = { iss: proof.keyThumbprint, jti: proof.jti, usableUntilS: proof.issuedAtS + ageMaxS + skewS };
    return {
      kind: 'request',
      use,
      subject: token.subject,
      operation,
      params,
      body: liftBody(operation, version, body.data),
      signedAtS: proof.issuedAtS,
    };
  } catch (error) {
    if (error instanceof CodedError && !error.code.startsWith('evidence.'))
      throw invalid(error.message, error);
    throw error;
  }
}

const proofClaims = z.object({ htu: z.string().max(2_048), iat: z.number().transform(wholeSeconds) });

/** Reads the unverified claims of the proof, which name the data to verify it against. */
function unverifiedClaims(proof: string): z.output<typeof proofClaims> {
  const result = proofClaims.safeParse(parseJson(decodeBase64url(proof.split('.')[1] ?? '')));
  if (!result.success) throw invalid('the proof is not well formed');
  return result.data;
}

/** Returns the version of an operation that a URL calls, with the parameters of its path. */
function calledAt(
  { versions }: OperationDefinition,
  htu: string,
  origin: string | undefined,
): { version: number; params: Record<string, string> } | undefined {
  const target = targetUrl(htu);
  const root = origin === undefined ? undefined : targetUrl(`${origin}/`);
  if (target === undefined || root === undefined || !target.startsWith(root)) return undefined;
  for (const [version, { path }] of Object.entries(versions)) {
    const params = matchPath(path, target.slice(root.length - 1));
    if (params !== undefined) return { version: Number(version), params };
  }
  return undefined;
}

/** The unreserved characters (RFC 3986 §2.3), of which every id consists. */
const PARAMETER = '([A-Za-z0-9._~-]+)';

function matchPath(template: string, path: string): Record<string, string> | undefined {
  const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  const pattern = new RegExp(`^${template.replaceAll(/\{\w+\}/g, PARAMETER)}$`);
  const match = pattern.exec(path);
  return match === null ? undefined : Object.fromEntries(names.map((name, at) => [name, match[at + 1]!]));
}

function invalid(detail: string, cause?: unknown): CodedError {
  return new CodedError('evidence.invalid', { detail, cause });
}
