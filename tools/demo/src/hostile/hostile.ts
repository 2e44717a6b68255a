import { formatAmount } from '@tallystick/contracts';
import { balanceOf } from '../story/accounts.ts';
import type { World } from '../world.ts';
import { attackKeys, type Attack } from './attack.ts';
import { onTransport } from './on-transport.ts';
import { onTheWire } from './on-the-wire.ts';
import { withAKey } from './with-a-key.ts';

/** Every attack on the inputs of the services. */
export const attacks: readonly Attack[] = [...onTheWire, ...withAKey];

/** The replayed message is genuine, and pays this amount once. */
const REPLAYED_MINOR = 100n;

/** Tries every attack; each must end as expected, with its reason, and none may move money. */
export async function tryEverything(world: World): Promise<void> {
  const { narrator } = world;
  const keys = await attackKeys(world);
  const before = await balanceOf(world, 'customer');
  const atTheBroker = world.stack.kafka.user === undefined ? [] : onTransport;
  for (const attack of [...atTheBroker, ...attacks]) {
    // One after another: the story has an order, and shows the end of each attack next to it.
    try {
      const { held, shown } = await attack.run(world, keys);
      narrator.check(attack.name, held, shown);
    } catch (error) {
      narrator.check(attack.name, false, error instanceof Error ? error.message : String(error));
    }
  }
  const after = await balanceOf(world, 'customer');
  narrator.check(
    'only the one genuine message moved money, once',
    before.posted - after.posted === REPLAYED_MINOR && after.available === after.posted,
    `balance ${formatAmount(after.posted, 'EUR')}`,
  );
}
