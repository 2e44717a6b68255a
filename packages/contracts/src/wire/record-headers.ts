/**
 * Returns the headers of a record: those that the CloudEvents 1.0 binding for Kafka requires. They are hints for tools;
 * no check uses them. The record key is the subject, and the claims contain time and version; each header costs bytes
 * and CPU. W3C Trace Context adds `traceparent` and, if there is one, `tracestate`.
 */
export function recordHeaders(claims: { jti: string; type: string; iss: string }): Record<string, string> {
  return {
    'content-type': 'application/jose',
    ce_specversion: '1.0',
    ce_id: claims.jti,
    ce_type: claims.type,
    ce_source: claims.iss,
  };
}

/** Headers of a quarantined record that contain the reason. */
export const quarantineHeaders = {
  reason: 'tallystick-reason',
  check: 'tallystick-check',
  detail: 'tallystick-detail',
  sourceTopic: 'tallystick-source-topic',
  sourcePartition: 'tallystick-source-partition',
  sourceOffset: 'tallystick-source-offset',
  consumer: 'tallystick-consumer',
  /** SHA-256 (base64url) and size of a value that is not kept whole. */
  valueDigest: 'tallystick-value-sha256',
  valueBytes: 'tallystick-value-bytes',
} as const;
