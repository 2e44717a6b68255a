import { program, stopOnExit } from '@tallystick/stack';
import { startForwards } from '../cluster/forward.ts';

/** Runs `tallystick k8s forward`, which stays up until a signal. */
export const forward = program(async () => {
  const forwards = await startForwards();
  stopOnExit(() => forwards.stop());
  process.stdout.write(
    'auth 8081, account 8082, card 8083, payment 8084, Kafka 19092, Postgres 15432, Jaeger 16686. Ctrl-C closes them.\n',
  );
});
