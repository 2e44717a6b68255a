/**
 * Headers of a record: the CloudEvents 1.0 binding for Kafka, with the schema's name. They are hints for tools; nothing is
 * decided on them. `traceparent` and `tracestate` (W3C Trace Context) stand beside them.
 */
export function recordHeaders(claims: {
  jti: string;
  type: string;
  version: number;
  iss: string;
  sub: string;
  iat: number;
}): Record<string, string> {
  return {
    'content-type': 'application/jose',
    schema: `${claims.type}/${claims.version}`,
    ce_specversion: '1.0',
    ce_id: claims.jti,
    ce_type: claims.type,
    ce_source: claims.iss,
    ce_subject: claims.sub,
    ce_time: new Date(claims.iat * 1000).toISOString(),
  };
}

/** Headers under which a quarantined record says why it is there. */
export const quarantineHeaders = {
  reason: 'tallystick-reason',
  check: 'tallystick-check',
  detail: 'tallystick-detail',
  sourceTopic: 'tallystick-source-topic',
  sourcePartition: 'tallystick-source-partition',
  sourceOffset: 'tallystick-source-offset',
  consumer: 'tallystick-consumer',
} as const;
