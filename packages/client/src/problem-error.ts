import { errorCodes, type ErrorCode, type Fault } from '@tallystick/contracts';
import * as z from 'zod';

/** A code of {@link errorCodes}, or one that a later release added. */
export type ProblemCode = ErrorCode | (string & {});

/** The members of a problem document (RFC 9457) that the client reads. Each may be missing if a proxy answered. */
const readable = z.object({
  code: z.string().optional().catch(undefined),
  title: z.string().optional().catch(undefined),
  detail: z.string().optional().catch(undefined),
  errors: z
    .array(z.object({ path: z.string(), message: z.string() }))
    .optional()
    .catch(undefined),
  trace_id: z.string().optional().catch(undefined),
});

/** Statuses after which the same request may succeed, if the code of the error is unknown. */
const TEMPORARY: readonly number[] = [429, 500, 502, 503, 504];

/** An unsuccessful answer, with its problem document (RFC 9457). */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly operationId: string;
  readonly status: number;
  /** The stable name of the error; `http.<status>` if the answer has no problem document. */
  readonly code: ProblemCode;
  readonly title: string;
  readonly detail: string | undefined;
  /** The invalid places of the request, as JSON Pointers (RFC 6901). */
  readonly faults: readonly Fault[];
  /** The id of the trace, for the operator of the service. */
  readonly traceId: string | undefined;
  /** Whether the same request may succeed later. */
  readonly retry: boolean;
  /** The pause that the server asks for, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  /** @param document the body of the answer; anything else than a problem document is ignored */
  constructor(
    operationId: string,
    status: number,
    document: unknown,
    options: { retryAfterMs?: number | undefined } = {},
  ) {
    const { data } = readable.safeParse(document);
    const code = data?.code ?? `http.${status}`;
    const title = data?.title ?? `HTTP ${status}`;
    const faults = data?.errors ?? [];
    const places = faults.map(({ path, message }) => ` ${path} ${message}`).join(';');
    super(`${operationId}: ${status} ${code} ${data?.detail ?? title}${places}`);
    this.operationId = operationId;
    this.status = status;
    this.code = code;
    this.title = title;
    this.detail = data?.detail;
    this.faults = faults;
    this.traceId = data?.trace_id;
    this.retry = isKnown(code) ? errorCodes[code].retry : TEMPORARY.includes(status);
    this.retryAfterMs = options.retryAfterMs;
  }
}

function isKnown(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code);
}

/** Builds the error of an unsuccessful answer. */
export async function problemOfAnswer(operationId: string, answer: Response): Promise<ProblemError> {
  const text = await answer.text();
  const retryAfterMs = retryAfterMsOf(answer.headers.get('retry-after'), Date.now());
  return new ProblemError(operationId, answer.status, jsonOf(text), { retryAfterMs });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Reads `Retry-After` (RFC 9110 §10.2.3), a number of seconds or a date; `undefined` if it is neither. */
export function retryAfterMsOf(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1_000;
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}
