import { SpanKind, type Attributes, type Context, type Link } from '@opentelemetry/api';
import {
  ParentBasedSampler,
  SamplingDecision,
  type Sampler,
  type SamplingResult,
} from '@opentelemetry/sdk-trace';

/**
 * Most spans with a sampled remote parent, as a multiple of the rate of new traces. A payment causes about five such
 * spans in a service. Any sender can mark its requests as sampled, so their number is limited.
 */
const SPANS_OF_A_TRACE_MAX = 20;

/** Marks the span of a refused or failed message, which is recorded at any rate. */
export const ALWAYS_RECORDED = 'tallystick.always_recorded';

/**
 * Samples a limited number of new traces per second, with a token bucket that holds one second's worth. A quiet system
 * traces every payment; a loaded one pays a bounded price.
 */
export class RateLimitedSampler implements Sampler {
  readonly #tracesPerSecond: number;
  readonly #nowMs: () => number;
  #tokens: number;
  #filledAtMs: number;

  constructor(tracesPerSecond: number, nowMs: () => number = () => performance.now()) {
    this.#tracesPerSecond = tracesPerSecond;
    this.#nowMs = nowMs;
    this.#tokens = tracesPerSecond;
    this.#filledAtMs = nowMs();
  }

  shouldSample(
    _context: Context,
    _traceId: string,
    _name: string,
    _kind: SpanKind,
    attributes: Attributes,
  ): SamplingResult {
    if (attributes[ALWAYS_RECORDED] === true) return { decision: SamplingDecision.RECORD_AND_SAMPLED };
    const nowMs = this.#nowMs();
    const refill = ((nowMs - this.#filledAtMs) / 1000) * this.#tracesPerSecond;
    this.#tokens = Math.min(this.#tracesPerSecond, this.#tokens + refill);
    this.#filledAtMs = nowMs;
    if (this.#tokens < 1) return { decision: SamplingDecision.NOT_RECORD };
    this.#tokens -= 1;
    return { decision: SamplingDecision.RECORD_AND_SAMPLED };
  }

  toString(): string {
    return `RateLimitedSampler{${this.#tracesPerSecond}/s}`;
  }
}

/** Records no root span of a client, such as a poll, which would fill a trace store with noise. */
class ServerAndMessageRoots implements Sampler {
  readonly #inner: Sampler;
  constructor(inner: Sampler) {
    this.#inner = inner;
  }

  shouldSample(
    context: Context,
    traceId: string,
    name: string,
    kind: SpanKind,
    attributes: Attributes,
    links: Link[],
  ): SamplingResult {
    // A database or HTTP client span without a parent belongs to no request and no message.
    if (kind === SpanKind.CLIENT) return { decision: SamplingDecision.NOT_RECORD };
    return this.#inner.shouldSample(context, traceId, name, kind, attributes, links);
  }

  toString(): string {
    return `ServerAndMessageRoots{${this.#inner.toString()}}`;
  }
}

/**
 * Returns the sampler of a service, which limits the rate of new traces and follows the parent's decision. A remote
 * parent's decision is followed at 20 times the rate at most.
 */
export function rootSampler(tracesPerSecond: number, nowMs?: () => number): Sampler {
  return new ParentBasedSampler({
    root: new ServerAndMessageRoots(new RateLimitedSampler(tracesPerSecond, nowMs)),
    remoteParentSampled: new RateLimitedSampler(SPANS_OF_A_TRACE_MAX * tracesPerSecond, nowMs),
  });
}
