/**
 * Handles signals until the service does; loaded before all other modules. Linux gives process 1 of a container no
 * default action for a signal, so a service that still waits for Kafka or Postgres would ignore SIGTERM until it is
 * killed. This module exits at once, unless the service listens for the signal and stops gracefully.
 */
for (const [signal, number] of [
  ['SIGTERM', 15],
  ['SIGINT', 2],
]) {
  process.on(signal, () => {
    // This listener is the first one; any other belongs to the service.
    if (process.listenerCount(signal) === 1) process.exit(128 + number);
  });
}
