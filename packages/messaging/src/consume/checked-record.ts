import type { RefusedMessage } from '@tallystick/security';
import type { IncomingMessage } from './batch.ts';
import type { IncomingRecord } from '../publish/record.ts';

/**
 * A record with the result of its checks; neither message nor refusal if it does not concern this service. A refusal
 * has `handledType`, the verified type, if the message passed all checks and its handler failed.
 */
export type CheckedRecord =
  | { record: IncomingRecord; message?: undefined; refusal?: undefined }
  | { record: IncomingRecord; message: IncomingMessage; refusal?: undefined }
  | {
      record: IncomingRecord;
      message?: undefined;
      refusal: RefusedMessage;
      handledType?: string | undefined;
    };

/** Ends the spans of records whose checks are to be repeated. */
export function discard(checked: readonly CheckedRecord[]): void {
  for (const { message } of checked) message?.span.end();
}
