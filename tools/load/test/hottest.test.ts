import { expect, test } from '@jest/globals';
import { hottest, mostAllocating } from '../src/profile/hottest.ts';

const node = (id: number, functionName: string, url = '') => ({
  id,
  callFrame: { functionName, url, lineNumber: 9 },
});

test('time is counted by function, without idle time', () => {
  const profile = {
    nodes: [
      node(1, '(idle)'),
      node(2, 'open', 'file:///anywhere/packages/security/src/open.ts'),
      node(3, 'open', 'file:///anywhere/packages/security/src/open.ts'),
      node(4, 'query', 'file:///anywhere/node_modules/pg/lib/client.js'),
    ],
    samples: [1, 2, 3, 4],
    timeDeltas: [600, 200, 100, 100],
  };
  expect(hottest(profile, 5)).toEqual({
    busy: 0.4,
    functions: [
      { where: 'open packages/security/src/open.ts:10', share: 0.75 },
      { where: 'query pg/lib/client.js:10', share: 0.25 },
    ],
  });
});

test('bytes are counted by function, for all its callers', () => {
  const from = (functionName: string, selfSize: number, children: object[] = []) => ({
    callFrame: { functionName, url: 'file:///anywhere/packages/security/src/open.ts', lineNumber: 9 },
    selfSize,
    children,
  });
  const profile = { head: from('root', 0, [from('open', 30, [from('parse', 50)]), from('parse', 20)]) };
  expect(mostAllocating(profile, 2)).toEqual({
    bytes: 100,
    functions: [
      { where: 'parse packages/security/src/open.ts:10', share: 0.7 },
      { where: 'open packages/security/src/open.ts:10', share: 0.3 },
    ],
  });
});
