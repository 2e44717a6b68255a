export { flushTelemetry, startTelemetry, stopTelemetry, type TelemetryOptions } from './sdk.ts';
export { telemetryEnvironment } from './settings.ts';
export { ALWAYS_RECORDED, RateLimitedSampler, rootSampler } from './sampler.ts';
export { createLogger, type Logger, type LoggerOptions } from './logger.ts';
export {
  countDeprecated,
  countMessage,
  countUndeclared,
  recordBatch,
  recordImbalance,
  recordLedgerCheck,
  recordOutboxAge,
} from './interface-metrics.ts';
