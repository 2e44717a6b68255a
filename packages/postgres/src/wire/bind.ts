import type pg from 'pg';

/** What pg asks its connection to bind: values for a prepared statement. */
export interface BindRequest {
  portal?: string;
  statement?: string;
  values?: readonly unknown[];
  /** Whether results come in binary form. */
  binary?: boolean;
  /** Makes text or bytes of a value; nothing for `NULL`. */
  valueMapper?: (value: unknown, index: number) => unknown;
}

/** From this size on bytes are sent as they are, in a piece of their own: copying them costs more. */
const OWN_PIECE_BYTES_MIN = 16_384;
const TEXT = 0;
const BINARY = 1;

/**
 * A Bind message ("Message Formats" of the Postgres protocol) in as few pieces as there are large values and a bit more.
 * @returns pieces to be sent one after the other
 */
export function bindMessage({
  portal = '',
  statement = '',
  values = [],
  binary = false,
  valueMapper = (value) => value,
}: BindRequest): Buffer[] {
  const given = values.map((value, index): Buffer | string | null => {
    const mapped = valueMapper(value, index) as Buffer | string | null | undefined;
    return mapped ?? null;
  });
  const sizes = given.map((value) =>
    value === null ? -1 : typeof value === 'string' ? Buffer.byteLength(value) : value.length,
  );
  const names = Buffer.byteLength(portal) + Buffer.byteLength(statement) + 2;
  const valuesBytes = sizes.reduce((sum, size) => sum + 4 + Math.max(0, size), 0);
  const length = 4 + names + 2 + 2 * given.length + 2 + valuesBytes + 4;
  const isOwnPiece = (at: number): boolean =>
    typeof given[at] === 'object' && sizes[at]! >= OWN_PIECE_BYTES_MIN;
  const ownBytes = sizes.reduce((sum, size, at) => sum + (isOwnPiece(at) ? size : 0), 0);

  const bytes = Buffer.allocUnsafe(1 + length - ownBytes);
  const pieces: Buffer[] = [];
  let from = 0;
  let at = bytes.write('B', 0, 'latin1');
  at = bytes.writeInt32BE(length, at);
  for (const name of [portal, statement]) {
    at += bytes.write(name, at);
    at = bytes.writeUInt8(0, at);
  }
  at = bytes.writeUInt16BE(given.length, at);
  for (const value of given) at = bytes.writeInt16BE(Buffer.isBuffer(value) ? BINARY : TEXT, at);
  at = bytes.writeUInt16BE(given.length, at);
  given.forEach((value, index) => {
    at = bytes.writeInt32BE(sizes[index]!, at);
    if (typeof value === 'string') at += bytes.write(value, at);
    else if (isOwnPiece(index)) {
      pieces.push(bytes.subarray(from, at), value!);
      from = at;
    } else if (value !== null) at += value.copy(bytes, at);
  });
  // One form for all results.
  at = bytes.writeInt16BE(1, at);
  bytes.writeInt16BE(binary ? BINARY : TEXT, at);
  pieces.push(bytes.subarray(from));
  return pieces;
}

interface Connection {
  stream: { write(piece: Buffer): unknown };
  bind(request: BindRequest): void;
}

/**
 * Has a client send its Bind messages by {@link bindMessage}. pg's own begins with 256 bytes and grows by half, value
 * after value: a batch of some megabytes was copied several times, a fifteenth of a busy service's time.
 */
export function useOwnBind(client: pg.ClientBase): void {
  const { connection } = client as unknown as { connection: Connection };
  connection.bind = (request) => {
    for (const piece of bindMessage(request)) connection.stream.write(piece);
  };
}
