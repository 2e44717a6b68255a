import type { ErrorCode } from '@tallystick/contracts';

/** Returns the error code of a promise that must fail. */
export async function codeOf(work: Promise<unknown>): Promise<ErrorCode | 'none'> {
  return work.then(
    () => 'none' as const,
    (error: { code: ErrorCode }) => error.code,
  );
}
