/** The entry of programs that only ask which releases run: it loads neither the consumer nor the database. */
export { createKafka } from '../kafka.ts';
export { kafkaConnection, kafkaEnvironment, kafkaRequiredTogether } from '../kafka-settings.ts';
export type { Declaration } from './declarations.ts';
export { findRunningReleases, type RunningReleases } from './running-releases.ts';
