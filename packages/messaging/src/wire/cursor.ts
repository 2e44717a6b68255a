/** Reads the types of the Kafka protocol from a buffer, one after the other. */
export class Cursor {
  readonly buffer: Buffer;
  at: number;

  constructor(buffer: Buffer, at = 0) {
    this.buffer = buffer;
    this.at = at;
  }

  int8(): number {
    return this.buffer.readInt8(this.pass(1));
  }

  int16(): number {
    return this.buffer.readInt16BE(this.pass(2));
  }

  int32(): number {
    return this.buffer.readInt32BE(this.pass(4));
  }

  int64(): bigint {
    return this.buffer.readBigInt64BE(this.pass(8));
  }

  /** Zigzag, seven bits per byte, the lowest first: integers of up to 53 bits. */
  varint(): number {
    let value = 0;
    let unit = 1;
    for (;;) {
      const byte = this.buffer[this.at];
      if (byte === undefined) throw new RangeError('a record ends within a number');
      this.at += 1;
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      unit *= 128;
    }
  }

  /** @returns a view of these bytes */
  bytes(length: number): Buffer {
    const from = this.pass(length);
    if (this.at > this.buffer.length) throw new RangeError('a record ends within its bytes');
    return this.buffer.subarray(from, this.at);
  }

  /** A length, then as many bytes; a negative length means null. */
  lengthAndBytes(): Buffer | null {
    const length = this.varint();
    return length < 0 ? null : this.bytes(length);
  }

  /**
   * Skips a text with its length.
   * @returns whether it equals `text`, which is ASCII
   */
  passesText(ascii: string): boolean {
    const length = this.varint();
    const from = this.pass(length);
    return length === ascii.length && this.buffer.toString('latin1', from, this.at) === ascii;
  }

  text(length: number): string {
    return this.bytes(Math.max(0, length)).toString('utf8');
  }

  list<Item>(read: () => Item): Item[] {
    return Array.from({ length: Math.max(0, this.int32()) }, read);
  }

  /**
   * Skips bytes; a negative length means null.
   * @returns the position of the first
   */
  pass(length: number): number {
    const from = this.at;
    this.at += Math.max(0, length);
    return from;
  }
}
