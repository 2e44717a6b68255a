import { context, propagation, type Context } from '@opentelemetry/api';
import type { SealedEnvelope } from '@tallystick/security';

/** A record as it goes out, ready but for the connection. */
export interface OutgoingRecord {
  /** Of the outbox row; a message's `jti`. */
  id: string;
  topic: string;
  key: Buffer | null;
  value: Buffer | null;
  headers: Record<string, string | Buffer>;
}

/** A record as it came in. */
export interface IncomingRecord {
  topic: string;
  partition: number;
  offset: bigint;
  timestampMs: number;
  key: Buffer | null;
  value: Buffer | null;
  headers: Record<string, Buffer>;
}

/**
 * Makes the record of an envelope. The headers (CloudEvents 1.0 Kafka binding, W3C trace context) are hints for
 * tools and tracing; nothing is decided on them.
 */
export function recordOf(envelope: SealedEnvelope, traceContext: Context): OutgoingRecord {
  const { claims } = envelope;
  const headers: Record<string, string> = {
    'content-type': 'application/jose',
    schema: `${claims.type}/${claims.version}`,
    ce_specversion: '1.0',
    ce_id: claims.jti,
    ce_type: claims.type,
    ce_source: claims.iss,
    ce_subject: claims.sub,
    ce_time: new Date(claims.iat * 1000).toISOString(),
  };
  propagation.inject(traceContext, headers);
  return {
    id: claims.jti,
    topic: claims.aud,
    key: Buffer.from(envelope.key),
    value: Buffer.from(envelope.value),
    headers,
  };
}

/** The trace context that a record's headers name, for the span that is its child. */
export function traceContextOf(headers: Record<string, Buffer>): Context {
  return propagation.extract(context.active(), headers, {
    keys: (carrier) => Object.keys(carrier),
    get: (carrier, name) => carrier[name]?.toString('utf8'),
  });
}
