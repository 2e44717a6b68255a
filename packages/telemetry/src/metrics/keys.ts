import { metrics } from '@opentelemetry/api';

const meter = metrics.getMeter('tallystick');

const ages = meter.createGauge('tallystick.key.age', {
  unit: 's',
  description: 'Time since the certificate of a key of this service was issued',
});
const lefts = meter.createGauge('tallystick.key.remaining', {
  unit: 's',
  description: 'Time until the certificate of a key of this service ends',
});
const snapshots = meter.createGauge('tallystick.snapshot.age', {
  unit: 's',
  description: 'Time since the snapshot of keys that is in force was issued',
});

/** Records the validity of the certificate of a key, times in seconds since 1970. */
export function recordKey(use: 'signing', { iat, exp }: { iat: number; exp: number }, nowS: number): void {
  ages.record(nowS - iat, { 'tallystick.use': use });
  lefts.record(exp - nowS, { 'tallystick.use': use });
}

/** Records the age of the snapshot of keys, in seconds. */
export function recordSnapshot(ageS: number): void {
  snapshots.record(ageS);
}
