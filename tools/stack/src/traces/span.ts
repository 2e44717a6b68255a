/** The value of an attribute. A list or a map becomes JSON text, as in Jaeger. */
export type AttributeValue = string | number | boolean;

/** One step of a trace, from any store. */
export interface Span {
  /** 32 hexadecimal digits */
  traceId: string;
  /** 16 hexadecimal digits */
  spanId: string;
  /** null for the first step of a trace */
  parentSpanId: string | null;
  /** spans it is linked to without being their child */
  links: { traceId: string; spanId: string }[];
  service: string;
  name: string;
  /** microseconds since 1970 */
  startMicros: number;
  durationMicros: number;
  error: boolean;
  attributes: Record<string, AttributeValue>;
}
