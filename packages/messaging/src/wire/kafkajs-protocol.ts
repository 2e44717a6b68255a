/**
 * Replaces kafkajs' encoder of produce requests with {@link encodeProduce} and its decoder of fetch responses with
 * {@link decodeFetch}. The originals allocate a zeroed buffer of 512 bytes for each header, copy each value five times
 * and compute the checksum byte by byte: together a third of a busy service's CPU time. kafkajs has no option for this.
 * Its version is fixed, and tests compare both directions with the originals.
 */
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { topicLimits } from '@tallystick/contracts';
import kafkajs, { type KafkaMessage } from 'kafkajs';
import { decodeFetch, type FetchResponse } from './fetch-response.ts';
import { encodeProduce, type ProduceRequest } from './produce-request.ts';
import { checkOnlyWaitingRequests } from './request-queue.ts';

const gzip = promisify(zlib.gzip);
const unzip = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.unzip);
/** Ensures that each record of a batch fits into a quarantine topic, with the headers that give the reason. */
const UNPACKED_BYTES_MAX = topicLimits.quarantineRecordBytesMax - 65_536;

const require = createRequire(import.meta.url);

/** Earlier versions of the request have another record format. */
const FIRST_VERSION_WITH_RECORD_BATCHES = 3;
/** Version that kafkajs uses with brokers since Kafka 2.3. */
const FETCH_VERSION = 11;

/** The parts of kafkajs' encoder that it reads from an encoded request. */
interface Encoded {
  buf: Buffer;
  buffer: Buffer;
}

interface Request {
  encode: () => Promise<Encoded>;
}

interface ProduceModule {
  protocol: (of: {
    version: number | string;
  }) => (asked: ProduceRequest & { compression?: number }) => { request: Request; response: object };
}

interface FetchModule {
  protocol: (of: {
    version: number | string;
  }) => (asked: object) => { response: { decode: (bytes: Buffer) => Promise<FetchResponse> } };
}

interface Encoder {
  buf: Buffer;
  offset: number;
  ensureAvailable(bytes: number): void;
}

/** The version of kafkajs that this module was written for; a test fails if another is installed. */
export const KAFKAJS_VERSION = '2.2.4';

const PROTOCOL = 'kafkajs/src/protocol';
let isDone = false;

/**
 * Replaces kafkajs' encoder of produce requests, its decoder of fetched records and its timer of requests, for all clients
 * of this process.
 */
export function useOwnProtocol(): void {
  if (isDone) return;
  isDone = true;
  replaceProduce();
  replaceFetch();
  boundUnpacking();
  checkOnlyWaitingRequests();
}

/** Limits the size of unpacked records, because a few bytes may unpack to more than the memory holds. */
function boundUnpacking(): void {
  kafkajs.CompressionCodecs[kafkajs.CompressionTypes.GZIP] = () => ({
    compress: ({ buffer }: Encoded) => gzip(buffer),
    decompress: (packed: Buffer) => unzip(packed, { maxOutputLength: UNPACKED_BYTES_MAX }),
  });
}

function replaceProduce(): void {
  const produce = require(`${PROTOCOL}/requests/produce`) as ProduceModule;
  const original = produce.protocol;
  produce.protocol = ({ version }) => {
    const make = original({ version });
    if (Number(version) < FIRST_VERSION_WITH_RECORD_BATCHES) return make;
    return (asked) => {
      const made = make(asked);
      // kafkajs encodes compressed records; Tallystick never compresses, because signed text does not shrink.
      if ((asked.compression ?? 0) !== 0) return made;
      return { ...made, request: { ...made.request, encode: async () => encoded(encodeProduce(asked)) } };
    };
  };
  const { prototype } = require(`${PROTOCOL}/encoder`) as { prototype: Encoder };
  // kafkajs writes to the new room at once, so no older content of the memory can be sent.
  prototype.ensureAvailable = function ensureAvailable(this: Encoder, bytes: number): void {
    const needed = this.offset + bytes;
    if (needed <= this.buf.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.buf.length));
    this.buf.copy(larger, 0, 0, this.offset);
    this.buf = larger;
  };
}

function replaceFetch(): void {
  const fetch = require(`${PROTOCOL}/requests/fetch`) as FetchModule;
  const original = fetch.protocol;
  fetch.protocol = ({ version }) => {
    const make = original({ version });
    if (Number(version) !== FETCH_VERSION) return make;
    return (asked) => {
      const made = make(asked);
      const decode = (bytes: Buffer): Promise<FetchResponse> => decodeFetch(bytes, decodeByKafkajs);
      return { ...made, response: { ...made.response, decode } };
    };
  };
}

/** Decodes records of any format with kafkajs' decoder. */
export async function decodeByKafkajs(records: Buffer): Promise<KafkaMessage[]> {
  const Decoder = require(`${PROTOCOL}/decoder`) as new (bytes: Buffer) => object;
  const decodeMessages = require(`${PROTOCOL}/requests/fetch/v4/decodeMessages`) as (
    decoder: object,
  ) => Promise<KafkaMessage[]>;
  const length = Buffer.alloc(4);
  length.writeInt32BE(records.length);
  return decodeMessages(new Decoder(Buffer.concat([length, records])));
}

function encoded(bytes: Buffer): Encoded {
  return { buf: bytes, buffer: bytes };
}
