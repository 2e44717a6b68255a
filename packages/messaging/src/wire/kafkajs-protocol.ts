/**
 * Has kafkajs encode what it produces by {@link encodeProduce} and decode what it fetches by {@link decodeFetch}. Its own
 * way makes a zeroed buffer for each header, copies every value five times and takes the checksum byte by byte: a third
 * of a busy service's time. Reading, it makes big integers of every offset and time, and a new object for each header of
 * each record. It offers no place to say so; its version is fixed, and tests hold what we write and read against its own.
 */
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { topicLimits } from '@tallystick/contracts';
import kafkajs, { type KafkaMessage } from 'kafkajs';
import { decodeFetch, type FetchResponse } from './fetch-response.ts';
import { encodeProduce, type ProduceRequest } from './produce-request.ts';

const gzip = promisify(zlib.gzip);
const unzip = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.unzip);
/** Each record of a batch fits into a quarantine, with the headers that say why it is there. */
const UNPACKED_BYTES_MAX = topicLimits.quarantineRecordBytesMax - 65_536;

const require = createRequire(import.meta.url);

/** Earlier versions of the request hold another form of records. */
const FIRST_VERSION_WITH_RECORD_BATCHES = 3;
/** The one that brokers since 2.3 are asked by. */
const FETCH_VERSION = 11;

/** What kafkajs puts into an encoder of its own. */
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

const PROTOCOL = 'kafkajs/src/protocol';
let isDone = false;

/** Replaces how kafkajs encodes produce requests and decodes fetched records, for all clients of this process. */
export function useOwnProtocol(): void {
  if (isDone) return;
  isDone = true;
  replaceProduce();
  replaceFetch();
  boundUnpacking();
}

/** A few bytes may unpack to more than there is memory for. */
function boundUnpacking(): void {
  kafkajs.CompressionCodecs[kafkajs.CompressionTypes.GZIP] = () => ({
    compress: ({ buffer }: Encoded) => gzip(buffer),
    decompress: (packed: Buffer) => unzip(packed, { maxOutputLength: UNPACKED_BYTES_MAX }),
  });
}

function replaceProduce(): void {
  const produce = require(`${PROTOCOL}/requests/produce`) as ProduceModule;
  const itsOwn = produce.protocol;
  produce.protocol = ({ version }) => {
    const make = itsOwn({ version });
    if (Number(version) < FIRST_VERSION_WITH_RECORD_BATCHES) return make;
    return (asked) => {
      const made = make(asked);
      // Compressed records are left to kafkajs; Tallystick's are signed text, which does not compress.
      if ((asked.compression ?? 0) !== 0) return made;
      return { ...made, request: { ...made.request, encode: async () => encoded(encodeProduce(asked)) } };
    };
  };
  const { prototype } = require(`${PROTOCOL}/encoder`) as { prototype: Encoder };
  // What it makes room for is written at once: nothing of an older content can be sent.
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
  const itsOwn = fetch.protocol;
  fetch.protocol = ({ version }) => {
    const make = itsOwn({ version });
    if (Number(version) !== FETCH_VERSION) return make;
    return (asked) => {
      const made = make(asked);
      const decode = (bytes: Buffer): Promise<FetchResponse> => decodeFetch(bytes, decodeByKafkajs);
      return { ...made, response: { ...made.response, decode } };
    };
  };
}

/** Decodes records as kafkajs does, in whichever form they are. */
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
