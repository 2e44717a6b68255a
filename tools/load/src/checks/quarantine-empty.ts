import { holdsUnless, type Check } from './check.ts';

/** No message of the run was quarantined, except all of its junk. */
export const quarantineEmpty: Check = async ({ quarantined }) => {
  const others = await quarantined();
  return holdsUnless(others === 0 ? [] : [`${others} messages were quarantined in addition to the junk`]);
};
