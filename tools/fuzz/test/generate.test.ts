import { describe, expect, test } from '@jest/globals';
import { messages, type MessageDefinition } from '@tallystick/contracts';
import { accepts, generate, readMessages } from '../src/messages/generate.ts';

const COUNT = 20;
const all = readMessages();
const accountId = 'acc_01890a5d-ac96-774b-bcce-b302099a8057';
const known = { ids: { acc: [accountId] }, nowMs: Date.UTC(2026, 10, 29) };
const versions = all.flatMap((definition) =>
  Object.keys(definition.versions).map((version) => [`${definition.type} ${version}`, definition] as const),
);

describe('the generated payloads of', () => {
  test.each(versions)('%s are valid, and some nearly valid', (name, definition) => {
    const ofVersion = generate([definition], { count: COUNT, seed: 1, known }).filter(
      ({ version }) => name === `${definition.type} ${version}`,
    );
    expect(ofVersion).toHaveLength(2 * COUNT);
    expect(ofVersion.slice(0, COUNT).every(({ isValid }) => isValid)).toBe(true);
    expect(ofVersion.slice(COUNT).some(({ isValid }) => !isValid)).toBe(true);
  });

  test('a seed are the same each time, and others for another seed', () => {
    const of = (seed: number): string => JSON.stringify(generate(all, { count: 2, seed, known }));
    expect(of(7)).toBe(of(7));
    expect(of(7)).not.toBe(of(8));
  });

  test('a command name real objects too', () => {
    const payloads = JSON.stringify(
      generate([messages.holdPlace as never], { count: COUNT, seed: 1, known }),
    );
    expect(payloads).toContain(accountId);
  });
});

describe('the fuzzed messages', () => {
  test('are all that a service or a third party reads', () => {
    const read = (Object.values(messages) as MessageDefinition[]).filter(
      ({ to, topic }) => to.length > 0 && topic !== 'card.decisions.v1',
    );
    expect(all.map(({ type }) => type)).toEqual(expect.arrayContaining(read.map(({ type }) => type)));
  });

  test('of a service are those that it sends or reads', () => {
    for (const { from, to } of readMessages(['card'])) expect([...from, ...to]).toContain('card');
  });
});

describe('a payload', () => {
  test('about another object than its record is not accepted', () => {
    expect(accepts(messages.paymentCancel as never, 1, { paymentId: '\u0000' })).toBe(false);
  });
});
