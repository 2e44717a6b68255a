import * as z from 'zod';
import { confidential } from '../definitions/classification.ts';

/**
 * Maximum length of a piece of evidence, in characters: a whole envelope or HTTP body of an external interface fits.
 */
const EVIDENCE_MAX_CHARS = 32_768;
const part = (description: string) =>
  confidential(z.string().min(1).max(EVIDENCE_MAX_CHARS).meta({ description }));

/** The envelope of a third party, byte for byte; it needs a mandate on the account. */
export const orderEvidence = z.strictObject({
  kind: z.literal('order'),
  envelope: part('Compact JWS of the order'),
});

/** An HTTP request of the account owner: access token, DPoP proof over the digest of the body, and the body. */
export const requestEvidence = z.strictObject({
  kind: z.literal('request'),
  operation: z.string().max(64).meta({ description: 'Id of the HTTP operation' }),
  accessToken: part('JWT access token (RFC 9068), bound to the key of the proof'),
  proof: part('DPoP proof (RFC 9449) with the claim content_digest'),
  body: confidential(
    z.string().max(EVIDENCE_MAX_CHARS).meta({ description: 'The body of the request, as it was sent' }),
  ),
});

/** The card service's signed approval of the holder's request; it needs the account owner's mandate for the card. */
export const decisionEvidence = z.strictObject({
  kind: z.literal('decision'),
  envelope: part('Compact JWS of the decision'),
  request: requestEvidence,
});

/** Data signed by or on behalf of an account owner, in each command that takes money from the account. */
export const evidence = z.discriminatedUnion('kind', [orderEvidence, requestEvidence, decisionEvidence]);

/** The key of a piece of evidence in sets, by its signer and its `jti`. */
export function evidenceKey({ iss, jti }: { iss: string; jti: string }): string {
  return `${iss}\n${jti}`;
}

export type Evidence = z.output<typeof evidence>;
export type RequestEvidence = z.output<typeof requestEvidence>;
export type EvidenceKind = Evidence['kind'];
