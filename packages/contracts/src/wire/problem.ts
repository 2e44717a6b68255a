import * as z from 'zod';
import { errorCodes, type CodedError, type ErrorCode } from '../errors.ts';

/** The body of every error response: `application/problem+json` (RFC 9457). */
export const problem = z.object({
  type: z.string().meta({ description: 'urn:tallystick:error: and the code' }),
  title: z.string(),
  status: z.int(),
  code: z.string().meta({ description: 'The stable name of the error' }),
  detail: z.string().optional(),
  errors: z
    .array(
      z.object({ path: z.string().meta({ description: 'JSON Pointer (RFC 6901)' }), message: z.string() }),
    )
    .optional(),
  trace_id: z.string().optional(),
});
export type Problem = z.output<typeof problem>;

/** Builds the problem document of an error. */
export function problemOf(
  { code, detail, faults }: Pick<CodedError, 'detail' | 'faults'> & { code: ErrorCode },
  traceId?: string,
): Problem {
  const { status, title } = errorCodes[code];
  return {
    type: `urn:tallystick:error:${code}`,
    title,
    status,
    code,
    ...(detail === undefined ? {} : { detail }),
    ...(faults.length === 0 ? {} : { errors: [...faults] }),
    ...(traceId === undefined ? {} : { trace_id: traceId }),
  };
}
