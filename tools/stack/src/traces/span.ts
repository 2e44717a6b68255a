/** One step of a trace. */
export interface Span {
  /** 16 hexadecimal digits */
  spanId: string;
  /** null for the first step of a trace */
  parentSpanId: string | null;
  service: string;
  name: string;
  /** microseconds since 1970 */
  startMicros: number;
  durationMicros: number;
  error: boolean;
}
