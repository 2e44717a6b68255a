import type { Fault } from './fault.ts';

export const hostileMessages: Fault<'messages'> = {
  name: 'hostile-messages',
  does: 'attacks of the demo run under load: forged, copied and replayed messages, an exceeded mandate, a stolen token',
  // An attack waits for a response that shows how it ended.
  isAlone: true,
  on: () => 'messages',
  async inject({ hostile }, _messages, random) {
    const results = await hostile.attack(random, 3);
    return results
      .map(({ name, held, shown }) => `${name} (${held ? shown : `NOT REFUSED: ${shown}`})`)
      .join(', ');
  },
};
