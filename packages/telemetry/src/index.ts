export { flushTelemetry, startTelemetry, stopTelemetry, type TelemetryOptions } from './sdk.ts';
export { telemetryEnvironment } from './settings.ts';
export { ALWAYS_RECORDED, RateLimitedSampler, rootSampler } from './sampler.ts';
export { createLogger, type Logger, type LoggerOptions } from './logger.ts';
export { DURATION_BUCKETS_S } from './metrics/durations.ts';
export { recordKey, recordSnapshot } from './metrics/keys.ts';
export { recordImbalance, recordLedgerCheck } from './metrics/ledger.ts';
export {
  countDeprecated,
  countMessage,
  countUndeclared,
  recordBatch,
  recordCheck,
  recordLag,
  recordOutboxAge,
  recordProcessed,
  timedEvidence,
  type CountedMessage,
} from './metrics/messages.ts';
export { recordProbe, type ProbeOutcome } from './metrics/probe.ts';
export { countRequest, type CountedOperation, type RequestOutcome } from './metrics/requests.ts';
