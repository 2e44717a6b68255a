import type { Fault } from './fault.ts';

export const hostileMessages: Fault = {
  name: 'hostile-messages',
  does: 'attacks of the demo in between: forged, copied, replayed, beyond a mandate, with a stolen token',
  async inject({ hostile }, random) {
    const results = await hostile.attack(random, 3);
    return results
      .map(({ name, held, shown }) => `${name} (${held ? shown : `NOT REFUSED: ${shown}`})`)
      .join(', ');
  },
};
