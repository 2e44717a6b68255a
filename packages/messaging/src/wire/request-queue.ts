import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** The requests of a connection, as kafkajs queues them. */
interface RequestQueue {
  pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

/**
 * Lets kafkajs look for waiting requests only while requests wait. It sets a timer behind each check, also of an empty
 * queue, and then with a negative delay: each connection woke its process every millisecond, 4 to 5 % of a core for an
 * idle service. A request that cannot be sent at once sets the timer itself.
 */
export function checkOnlyWaitingRequests(): void {
  const { prototype } = require('kafkajs/src/network/requestQueue') as { prototype: RequestQueue };
  const { scheduleCheckPendingRequests } = prototype;
  prototype.scheduleCheckPendingRequests = function onlyIfWaiting(this: RequestQueue): void {
    if (this.pending.length > 0) scheduleCheckPendingRequests.call(this);
  };
}
