import { promise } from './promise.ts';

export const attacksWereRefused = promise('every attack had the expected outcome', async ({ hostile }) =>
  hostile.results.filter(({ held }) => !held).map(({ name, shown }) => `${name}: ${shown}`),
);
