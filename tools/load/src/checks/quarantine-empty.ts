import { holdsUnless, type Check } from './check.ts';

/** No message of the run was quarantined. */
export const quarantineEmpty: Check = async ({ quarantined }) =>
  holdsUnless(quarantined === 0 ? [] : [`${quarantined} messages were quarantined`]);
