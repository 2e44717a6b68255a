export { NoMoneyError } from './accounts.ts';
export { probe, type ProbeOptions } from './probe.ts';
export { probeEnvironment } from './settings.ts';
