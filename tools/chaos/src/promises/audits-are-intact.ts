import { coreServices, type CoreServiceName } from '@tallystick/contracts';
import { verifyAudit } from '@tallystick/messaging';
import { createPool } from '@tallystick/postgres';
import { loadTrustAnchors } from '@tallystick/security';
import type { World } from '../world.ts';
import { promise } from './promise.ts';

export const auditsAreIntact = promise(
  'the audit of each service is intact, and its topic has every entry',
  async (world) => (await Promise.all(coreServices.map((service) => faultsOf(world, service)))).flat(),
);

async function faultsOf({ stack, kafka }: World, service: CoreServiceName): Promise<string[]> {
  const topicPrefix = stack.kafka.topicPrefix ?? '';
  const pool = createPool({
    url: stack.postgres[service]!,
    applicationName: 'chaos',
    maxConnections: 1,
    onIdleError: () => undefined,
  });
  try {
    const trustAnchors = await loadTrustAnchors(stack.trustAnchors);
    const verdict = await verifyAudit(pool, kafka, { service, topicPrefix, trustAnchors });
    if (!verdict.isIntact) return [`${service}: entry ${verdict.seq ?? 'unknown'} is ${verdict.fault}`];
    const { entries, compared } = verdict;
    return entries === compared ? [] : [`${service} has ${entries} entries, and its topic ${compared}`];
  } finally {
    await pool.end();
  }
}
