/**
 * Loaded before all else. Linux gives process 1 of a container no default action for a signal, so a service that still
 * waits for Kafka or Postgres would ignore SIGTERM until it is killed. This ends it at once, unless the service listens
 * for the signal itself and stops in its own order.
 */
for (const [signal, number] of [
  ['SIGTERM', 15],
  ['SIGINT', 2],
]) {
  process.on(signal, () => {
    // This listener is always there and the first; any other is the service's.
    if (process.listenerCount(signal) === 1) process.exit(128 + number);
  });
}
