import { CodedError, maskCardNumbers, type ErrorCode, type Fault } from '@tallystick/contracts';
import type * as z from 'zod';

/**
 * Returns the faults of a value against a schema: JSON Pointers and messages, never the value itself. Pointers and messages
 * show names of unknown members; a card number in one is masked.
 */
export function faultsOf(error: z.ZodError, root = ''): Fault[] {
  return error.issues.slice(0, 50).map((issue) => ({
    path:
      root +
      issue.path
        .map((part) => `/${maskCardNumbers(String(part)).replaceAll('~', '~0').replaceAll('/', '~1')}`)
        .join(''),
    message:
      issue.code === 'unrecognized_keys'
        ? `unknown: ${maskCardNumbers(issue.keys.join(', ')).slice(0, 200)}`
        : withoutValue(issue.message),
  }));
}

/** zod does not quote the input, but custom messages are truncated as a precaution. */
function withoutValue(message: string): string {
  return message.slice(0, 200);
}

/**
 * Validates and decodes external data (amounts become `bigint`).
 * @param root JSON Pointer prefix of reported faults, e.g. `/body`
 * @throws CodedError with `code` and the path of each fault
 */
export function parse<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  code: ErrorCode = 'request.invalid',
  root = '',
): z.output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw new CodedError(code, { faults: faultsOf(result.error, root) });
}
