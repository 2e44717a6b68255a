import { promise } from './promise.ts';

export const attacksWereRefused = promise('every attack ended as it must', async ({ hostile }) =>
  hostile.results.filter(({ held }) => !held).map(({ name, shown }) => `${name}: ${shown}`),
);
