export { cacheDirectory } from './cache-directory.ts';
export { printJson, program, say, TALLYSTICK, type ExitStatus } from './command-line.ts';
export { backingEnvironment } from './backing-settings.ts';
export { startBackingServices, type BackingOptions, type BackingServices } from './backing-services.ts';
export type { Origin, ServedPostgres } from './backing.ts';
export { PrerequisiteError, SettingError } from './errors.ts';
export { freePorts, onFreePorts } from './free-ports.ts';
export {
  startProcess,
  type Exit,
  type ProcessOptions,
  type SupervisedProcess,
} from './process/supervised-process.ts';
export { sourceFlags } from './process/source-flags.ts';
export { isEnding, stopOnExit } from './process/stop-on-exit.ts';
export type { Span } from './traces/span.ts';
export { answersHttp, until } from './until.ts';
export {
  kafkaOf,
  readStackFile,
  removeStackFile,
  stackFilePath,
  trustAuthority,
  writeStackFile,
  type StackFile,
} from './stack-file.ts';
export { fetchTrace, formatTraceTree, type Trace } from './traces/trace-tree.ts';
export { probeSettingsOf } from './probe-settings.ts';
export { consoleLines } from './console-access.ts';
export { claimDirectory } from './process/claim.ts';
export { reportFault } from './report-fault.ts';
export { startSystem, type System, type SystemOptions } from './system.ts';
export {
  certifyRegistrar,
  makePair,
  newCookieKeys,
  newKeyEncryptionKeys,
  randomSecret,
  revokeRegistrar,
  type KeyPair,
} from './system/keys.ts';
export {
  CONSOLE_CLIENT,
  CUSTOMER_CLIENT,
  CUSTOMER_ORIGIN,
  DOCS_CLIENT,
  isPower,
  PROBE,
  TREASURY_CLIENT,
} from './system/clients.ts';
export {
  makeKeys,
  makeSeed,
  outsidersOf,
  POWERLESS_PRODUCER,
  systemKafkaUsers,
  THIRD_PARTY,
} from './system/seed.ts';
export { CertificateAuthority } from './tls/certificate-authority.ts';
export { heapFlags } from './system/services.ts';
