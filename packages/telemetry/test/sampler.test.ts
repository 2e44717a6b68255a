import { describe, expect, test } from '@jest/globals';
import { ROOT_CONTEXT, SpanKind, trace, TraceFlags, type Context } from '@opentelemetry/api';
import { SamplingDecision, type Sampler } from '@opentelemetry/sdk-trace';

import { ALWAYS_RECORDED, RateLimitedSampler, rootSampler } from '../src/index.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const ask = (sampler: Pick<RateLimitedSampler, 'shouldSample'>, attributes = {}) =>
  sampler.shouldSample(ROOT_CONTEXT, traceId, 'span', SpanKind.SERVER, attributes).decision;
const sampled = SamplingDecision.RECORD_AND_SAMPLED;

describe('new traces', () => {
  test('are sampled up to the rate, and again as time passes', () => {
    let nowMs = 0;
    const sampler = new RateLimitedSampler(5, () => nowMs);
    const letThrough = (times: number): number =>
      Array.from({ length: times }, () => ask(sampler)).filter((decision) => decision === sampled).length;
    expect(letThrough(100)).toBe(5);
    nowMs += 400;
    expect(letThrough(100)).toBe(2);
    nowMs += 60_000;
    expect(letThrough(100)).toBe(5);
  });

  test('of refused and failed messages are sampled at any rate', () => {
    const sampler = new RateLimitedSampler(0, () => 0);
    expect(ask(sampler)).not.toBe(sampled);
    expect(ask(sampler, { [ALWAYS_RECORDED]: true })).toBe(sampled);
  });
});

describe('the sampler of a service', () => {
  const contextOf = (flags: TraceFlags, isRemote = true) =>
    trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId: 'b7ad6b7169203331', traceFlags: flags, isRemote });
  const decide = (sampler: Sampler, context: Context, kind: SpanKind) =>
    sampler.shouldSample(context, traceId, 'span', kind, {}, []).decision;

  test('follows its parent', () => {
    const sampler = rootSampler(100);
    expect(decide(sampler, contextOf(TraceFlags.SAMPLED), SpanKind.CONSUMER)).toBe(sampled);
    expect(decide(sampler, contextOf(TraceFlags.NONE), SpanKind.CONSUMER)).not.toBe(sampled);
  });

  test('limits the spans that remote parents mark as sampled', () => {
    const sampler = rootSampler(5, () => 0);
    const letThrough = (context: Context): number =>
      Array.from({ length: 1_000 }, () => decide(sampler, context, SpanKind.SERVER)).filter(
        (decision) => decision === sampled,
      ).length;
    expect(letThrough(contextOf(TraceFlags.SAMPLED))).toBe(100);
    // A local parent's decision was limited already.
    expect(letThrough(contextOf(TraceFlags.SAMPLED, false))).toBe(1_000);
  });

  test('starts a trace for a request but not for a query of a poller', () => {
    const sampler = rootSampler(100);
    expect(decide(sampler, ROOT_CONTEXT, SpanKind.SERVER)).toBe(sampled);
    expect(decide(sampler, ROOT_CONTEXT, SpanKind.CLIENT)).not.toBe(sampled);
  });
});
