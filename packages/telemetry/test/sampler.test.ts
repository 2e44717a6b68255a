import { describe, expect, test } from '@jest/globals';
import { ROOT_CONTEXT, SpanKind, trace, TraceFlags } from '@opentelemetry/api';
import { SamplingDecision } from '@opentelemetry/sdk-trace';

import { ALWAYS_RECORDED, RateLimitedSampler, rootSampler } from '../src/index.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const ask = (sampler: Pick<RateLimitedSampler, 'shouldSample'>, attributes = {}) =>
  sampler.shouldSample(ROOT_CONTEXT, traceId, 'span', SpanKind.SERVER, attributes).decision;
const sampled = SamplingDecision.RECORD_AND_SAMPLED;

describe('new traces', () => {
  test('are let through up to the rate, and again as time passes', () => {
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

  test('of what was refused or failed are let through whatever the rate', () => {
    const sampler = new RateLimitedSampler(0, () => 0);
    expect(ask(sampler)).not.toBe(sampled);
    expect(ask(sampler, { [ALWAYS_RECORDED]: true })).toBe(sampled);
  });
});

describe('the sampler of a service', () => {
  const decide = (flags: TraceFlags | undefined, kind: SpanKind, rate = 100) => {
    const parent = { traceId, spanId: 'b7ad6b7169203331', traceFlags: flags ?? 0, isRemote: true };
    const context = flags === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
    return rootSampler(rate).shouldSample(context, traceId, 'span', kind, {}, []).decision;
  };

  test('follows its parent, whatever the rate', () => {
    expect(decide(TraceFlags.SAMPLED, SpanKind.CONSUMER, 0)).toBe(sampled);
    expect(decide(TraceFlags.NONE, SpanKind.CONSUMER)).not.toBe(sampled);
  });

  test('begins a trace for a request, and none for a query of a poller', () => {
    expect(decide(undefined, SpanKind.SERVER)).toBe(sampled);
    expect(decide(undefined, SpanKind.CLIENT)).not.toBe(sampled);
  });
});
