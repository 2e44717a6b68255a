const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;

/**
 * Reads a duration such as `500ms`, `10s` or `5m`.
 * @returns milliseconds; `undefined` if the text is none, or is not positive
 */
export function durationMs(text: string): number | undefined {
  const [, count, unit] = DURATION.exec(text.trim()) ?? [];
  if (count === undefined) return undefined;
  const ms = Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS];
  return ms > 0 ? ms : undefined;
}
