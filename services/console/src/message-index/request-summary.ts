import { createHash } from 'node:crypto';
import { CodedError, type RequestEvidence } from '@tallystick/contracts';
import { claimed, verifyEvidence, type EvidenceContext } from '@tallystick/security';
import { storedIfText } from './stored-text.ts';

const CHARS_MAX = { id: 128, path: 300 };

/** What is known of an HTTP request that is evidence. Its token, proof and body are confidential and are not kept. */
export interface RequestSummary {
  /** SHA-256 of the request as it was sent: every message that carries it has the same. */
  digest: string;
  /** The operation that was asked for. */
  operation?: string | undefined;
  method?: string | undefined;
  /** The path that the proof names, with its version. */
  path?: string | undefined;
  /** The client that sent it; only claimed, like all that follows, if `code` is there. */
  clientId?: string | undefined;
  /** The customer or client that it speaks for. */
  subject?: string | undefined;
  /** Thumbprint of the key that signed the proof. */
  keyThumbprint?: string | undefined;
  /** The id of the proof. */
  jti?: string | undefined;
  /** When the proof was signed, by the clock of the client. ISO 8601. */
  signedAt?: string | undefined;
  /** Why it does not hold; absent if it does. */
  code?: string | undefined;
}

/**
 * Verifies a request and returns what may be kept of it.
 * @param context.nowMs the time as of which it is verified
 */
export async function summarizeRequest(
  request: RequestEvidence,
  context: EvidenceContext,
): Promise<RequestSummary> {
  try {
    await verifyEvidence(request, context);
    return summaryOf(request);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return { ...summaryOf(request), code: error.code };
  }
}

/** Reads the claims of token and proof: they are what was verified, or only claimed if the request does not hold. */
function summaryOf(request: RequestEvidence): RequestSummary {
  const token = claimed(Buffer.from(request.accessToken));
  const proof = claimed(Buffer.from(request.proof));
  const { jkt } = (token['cnf'] ?? {}) as { jkt?: unknown };
  const id = (value: unknown): string | undefined => storedIfText(value, CHARS_MAX.id);
  return {
    digest: digestOf(request),
    operation: id(request.operation),
    method: id(proof['htm']),
    path: storedIfText(pathOf(proof['htu']), CHARS_MAX.path),
    clientId: id(token['client_id']),
    subject: id(token['sub']),
    keyThumbprint: id(jkt),
    jti: id(proof['jti']),
    signedAt: timeOf(proof['iat']),
  };
}

function digestOf({ operation, accessToken, proof, body }: RequestEvidence): string {
  const sent = JSON.stringify([operation, accessToken, proof, body]);
  return createHash('sha256').update(sent).digest('base64url');
}

function pathOf(htu: unknown): string | undefined {
  return typeof htu === 'string' ? URL.parse(htu)?.pathname : undefined;
}

function timeOf(iat: unknown): string | undefined {
  const at = new Date(typeof iat === 'number' ? Math.floor(iat) * 1_000 : Number.NaN);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}
