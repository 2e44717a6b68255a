import { CodedError, type Evidence, type ServiceName } from '@tallystick/contracts';
import {
  claimed,
  claimedKeyId,
  verifyEvidence,
  type Keyring,
  type VerifiedRequest,
} from '@tallystick/security';
import { storedIfText } from './stored-text.ts';

/** What is known of a piece of evidence. Its bytes are confidential and are not kept. */
export interface EvidenceSummary {
  kind: Evidence['kind'];
  /** Who signed it: a third party, a customer or client, or the card service; only claimed if `code` is there. */
  signer?: string | undefined;
  /** The operation that was asked for, of a request and of the request in a decision. */
  operation?: string | undefined;
  /** Thumbprint of the key that signed. */
  keyThumbprint?: string | undefined;
  /** The holder of the card, of a decision. */
  holder?: string | undefined;
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

/**
 * Verifies a piece of evidence as of the time at which its message was signed, and says who signed it.
 * @param signedAtMs when the message was signed
 */
export async function summarizeEvidence(
  evidence: Evidence,
  signedAtMs: number,
  context: EvidenceOrigins & { keyring: Keyring; topicPrefix: string },
): Promise<EvidenceSummary> {
  const { kind } = evidence;
  try {
    const verified = await verifyEvidence(evidence, { ...context, nowMs: signedAtMs, asSigned: true });
    switch (verified.kind) {
      case 'order':
        return { kind, signer: verified.producerId, keyThumbprint: verified.message.kid };
      case 'request':
        return { kind, ...summaryOf(verified) };
      case 'decision': {
        const { signer: holder, operation } = summaryOf(verified.request);
        const { claims, kid } = verified.message;
        return { kind, signer: claims.iss, keyThumbprint: kid, holder, operation };
      }
    }
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return { kind, code: error.code, ...claimedOf(evidence) };
  }
}

function summaryOf({ subject, operation, use }: VerifiedRequest): Omit<EvidenceSummary, 'kind'> {
  return { signer: subject, operation: operation.id, keyThumbprint: use.iss };
}

/** Returns what evidence claims that does not hold. */
function claimedOf(evidence: Evidence): Omit<EvidenceSummary, 'kind'> {
  if (evidence.kind === 'request') {
    const { sub } = claimed(Buffer.from(evidence.accessToken));
    return { signer: storedIfText(sub, 64), operation: storedIfText(evidence.operation, 64) };
  }
  const { iss } = claimed(Buffer.from(evidence.envelope));
  return {
    signer: storedIfText(iss, 64),
    keyThumbprint: storedIfText(claimedKeyId(evidence.envelope), 64),
  };
}
