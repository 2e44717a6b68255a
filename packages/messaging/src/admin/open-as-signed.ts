import { claimed, open, type Keyring, type OpenResult } from '@tallystick/security';

/** Opens a record of history at the time at which it was signed, with the keys of that time. */
export function openAsSigned(
  record: Parameters<typeof open>[0],
  { keyring, topicPrefix }: { keyring: Keyring; topicPrefix: string },
): Promise<OpenResult> {
  const { iat } = claimed(record.value);
  const nowMs = typeof iat === 'number' ? iat * 1_000 : 0;
  return open(record, { keyring, topicPrefix, nowMs, asSigned: true });
}
