import type { RefusedMessage } from '@tallystick/security';
import type { IncomingMessage } from './batch.ts';
import type { IncomingRecord } from '../publish/record.ts';

/** A record with what the checks said of it; neither where it is for others. */
export type CheckedRecord =
  | { record: IncomingRecord; message?: undefined; refusal?: undefined }
  | { record: IncomingRecord; message: IncomingMessage; refusal?: undefined }
  | { record: IncomingRecord; message?: undefined; refusal: RefusedMessage };

/** Lets go of what was found of records, as where it may not be so any more. */
export function discard(checked: readonly CheckedRecord[]): void {
  for (const { message } of checked) message?.span.end();
}
