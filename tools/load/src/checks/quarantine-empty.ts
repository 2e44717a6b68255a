import { holdsUnless, type Check } from './check.ts';

/** No message of the run was quarantined, except all of its junk. */
export const quarantineEmpty: Check = async ({ quarantined }) =>
  holdsUnless(quarantined === 0 ? [] : [`${quarantined} messages were quarantined in addition to the junk`]);
