/**
 * Offsets of the fields of a record batch, in bytes.
 * Kafka protocol, "Record Batch" with magic 2: https://kafka.apache.org/documentation/#recordbatch
 */
export const recordBatchAt = {
  firstOffset: 0,
  length: 8,
  /** The length counts from here. */
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  /** The checksum counts from here. */
  attributes: 21,
  lastOffsetDelta: 23,
  firstTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  firstSequence: 53,
  count: 57,
  records: 61,
} as const;

export const MAGIC = 2;

/** Bits of the attributes. */
export const recordBatchFlags = {
  compression: 0x07,
  logAppendTime: 0x08,
  transactional: 0x10,
  control: 0x20,
} as const;
