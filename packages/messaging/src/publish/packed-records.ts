import type { OutgoingRecord } from './record.ts';

/** The head before a record's value: JSON, with bytes from outside (possibly not text) as base64 in an array. */
interface Head {
  id: string;
  topic: string;
  key: string | null;
  headers: Record<string, string | [base64: string]>;
  /** -1 if there is no value. */
  valueBytes: number;
}

const LENGTH_BYTES = 4;

/**
 * Packs records into one buffer, as stored in an outbox row. For each record it contains the length of its head (4
 * bytes, big endian), the head as JSON, and the unchanged value.
 */
export function packRecords(records: readonly OutgoingRecord[]): Buffer {
  const heads = records.map(headOf);
  const headsBytes = heads.map((head) => Buffer.byteLength(head));
  const packed = Buffer.allocUnsafe(
    records.reduce(
      (sum, { value }, index) => sum + LENGTH_BYTES + headsBytes[index]! + (value?.length ?? 0),
      0,
    ),
  );
  let at = 0;
  records.forEach(({ value }, index) => {
    at = packed.writeUInt32BE(headsBytes[index]!, at);
    at += packed.write(heads[index]!, at, 'utf8');
    if (value === null) return;
    packed.set(value, at);
    at += value.length;
  });
  return packed;
}

function headOf({ id, topic, key, value, headers }: OutgoingRecord): string {
  const head: Head = {
    id,
    topic,
    key: key?.toString('base64') ?? null,
    headers: packHeaders(headers),
    valueBytes: value?.length ?? -1,
  };
  return JSON.stringify(head);
}

/** Unpacks the result of {@link packRecords}. */
export function unpackRecords(packed: Buffer): OutgoingRecord[] {
  const records: OutgoingRecord[] = [];
  for (let at = 0; at < packed.length;) {
    const headEnd = at + LENGTH_BYTES + packed.readUInt32BE(at);
    const head = JSON.parse(packed.toString('utf8', at + LENGTH_BYTES, headEnd)) as Head;
    const valueEnd = headEnd + Math.max(0, head.valueBytes);
    records.push({
      id: head.id,
      topic: head.topic,
      key: head.key === null ? null : Buffer.from(head.key, 'base64'),
      value: head.valueBytes < 0 ? null : packed.subarray(headEnd, valueEnd),
      headers: unpackHeaders(head.headers),
    });
    at = valueEnd;
  }
  return records;
}

function packHeaders(headers: OutgoingRecord['headers']): Head['headers'] {
  // Headers of our own messages: no copy is needed.
  if (isText(headers)) return headers;
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : [value.toString('base64')],
    ]),
  );
}

function isText(headers: OutgoingRecord['headers']): headers is Record<string, string> {
  for (const name in headers) if (typeof headers[name] !== 'string') return false;
  return true;
}

function unpackHeaders(headers: Head['headers']): OutgoingRecord['headers'] {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : Buffer.from(value[0], 'base64'),
    ]),
  );
}
