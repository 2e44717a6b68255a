import type { Span } from './span.ts';

/** Keeps a limited number of the latest spans, and finds those of one trace. */
export class SpanRing {
  readonly #ring: Span[] = [];
  readonly #byTrace = new Map<string, Span[]>();
  readonly #capacity: number;
  #oldest = 0;

  /** @param capacity number of spans to keep */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(span: Span): void {
    const evicted = this.#ring[this.#oldest];
    if (evicted !== undefined) this.#forget(evicted.traceId);
    this.#ring[this.#oldest] = span;
    this.#oldest = (this.#oldest + 1) % this.#capacity;
    const spans = this.#byTrace.get(span.traceId);
    if (spans === undefined) this.#byTrace.set(span.traceId, [span]);
    else spans.push(span);
  }

  /** @returns the kept spans of the trace, in order of arrival */
  spansOf(traceId: string): Span[] {
    return [...(this.#byTrace.get(traceId.toLowerCase()) ?? [])];
  }

  /** @returns the names of the services with spans in the ring */
  services(): string[] {
    return [...new Set(this.#ring.map(({ service }) => service))].toSorted();
  }

  /** Drops the oldest span of the ring, which is also the oldest of its trace. */
  #forget(traceId: string): void {
    const spans = this.#byTrace.get(traceId);
    spans?.shift();
    if (spans?.length === 0) this.#byTrace.delete(traceId);
  }
}
