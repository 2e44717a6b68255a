import { CodedError, type Evidence, type ServiceName } from '@tallystick/contracts';
import { claimed, claimedKeyId, verifyEvidence, type Keyring } from '@tallystick/security';
import { summarizeRequest, type RequestSummary } from './request-summary.ts';
import { storedIfText } from './stored-text.ts';

/** What is known of a piece of evidence. Its bytes are confidential and are not kept. */
export interface EvidenceSummary {
  kind: Evidence['kind'];
  /** Who signed it: a third party, a customer or client, or the card service; only claimed if `code` is there. */
  signer?: string | undefined;
  /** Thumbprint of the key that signed. */
  keyThumbprint?: string | undefined;
  /** The HTTP request that it is, or that is in a decision. Rows of an earlier release have none. */
  request?: RequestSummary | undefined;
  /** Why it does not hold; absent if it does. */
  code?: string | undefined;
}

/** What evidence is verified against, besides the keys. */
export interface EvidenceOrigins {
  /** The authorization server, as in a token's `iss`. */
  issuer: string;
  /** Origins of the operations that may be evidence. */
  publicUrls: Partial<Record<ServiceName, string>>;
}

const SIGNER_CHARS_MAX = 64;

/**
 * Verifies a piece of evidence as of the time at which its message was signed, and says who signed it.
 * @param signedAtMs when the message was signed
 */
export async function summarizeEvidence(
  evidence: Evidence,
  signedAtMs: number,
  origins: EvidenceOrigins & { keyring: Keyring; topicPrefix: string },
): Promise<EvidenceSummary> {
  const { kind } = evidence;
  const context = { ...origins, nowMs: signedAtMs, asSigned: true };
  if (evidence.kind === 'request') {
    const request = await summarizeRequest(evidence, context);
    const { subject: signer, keyThumbprint, code } = request;
    return { kind, signer, keyThumbprint, request, code };
  }
  const signed = {
    kind,
    signer: storedIfText(claimed(Buffer.from(evidence.envelope))['iss'], SIGNER_CHARS_MAX),
    keyThumbprint: storedIfText(claimedKeyId(evidence.envelope), SIGNER_CHARS_MAX),
    request: evidence.kind === 'decision' ? await summarizeRequest(evidence.request, context) : undefined,
  };
  try {
    await verifyEvidence(evidence, context);
    return signed;
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return { ...signed, code: error.code };
  }
}
