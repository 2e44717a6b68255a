import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { runMutations } from '../src/mutations/run-mutations.ts';
import { makeSubjects, type Subject } from '../src/mutations/subjects.ts';

const COUNT = 1_000;

const subject = (verify: Subject['verify']): Subject[] => [
  {
    name: 'a text',
    text: 'e30.e30.AAAA',
    verify: async (text) => (text === 'e30.e30.AAAA' ? undefined : verify(text)),
  },
];

describe('mutations of genuine envelopes, tokens and proofs', () => {
  test('are all refused with a code', async () => {
    const { made, accepted, unnamed, codes, faults } = await runMutations(7, COUNT);
    expect({ made, accepted, unnamed }).toEqual({ made: COUNT, accepted: 0, unnamed: 0 });
    expect(faults.filter((fault) => !fault.includes(' ms: '))).toEqual([]);
    expect(Object.keys(codes)).toEqual(
      expect.arrayContaining(['envelope.signature_invalid', 'token.invalid', 'dpop.invalid']),
    );
  });

  test('are the same for the same seed', async () => {
    const textsOf = async (seed: number): Promise<string[]> => {
      const seen: string[] = [];
      await runMutations(
        seed,
        50,
        subject(async (text) => {
          seen.push(text);
          return 'token.invalid';
        }),
      );
      return seen;
    };
    expect(await textsOf(3)).toEqual(await textsOf(3));
    expect(await textsOf(3)).not.toEqual(await textsOf(4));
  });

  test('start from the same texts for the same seed', async () => {
    const [first, second] = [await makeSubjects(5), await makeSubjects(5)];
    // ECDSA and encryption take random numbers, so only the other texts are equal.
    const texts = (subjects: Subject[]) =>
      subjects.filter(({ name }) => !/P-256|encrypted/.test(name)).map(({ text }) => text);
    expect(texts(first)).toEqual(texts(second));
  });
});

describe('a mutation', () => {
  test('that is accepted is a fault', async () => {
    const result = await runMutations(
      1,
      10,
      subject(async () => undefined),
    );
    expect(result).toMatchObject({ made: 10, accepted: 10 });
    expect(result.faults[0]).toMatch(/^a text, .*: accepted: /);
  });

  test('that ends without a code is a fault', async () => {
    const broken = subject(() => Promise.reject(new TypeError('undefined is not a function')));
    const result = await runMutations(1, 10, broken);
    expect(result).toMatchObject({ unnamed: 10 });
    expect(result.faults[0]).toContain('without a code (undefined is not a function)');
  });

  test('that takes too long each time is a fault', async () => {
    const slow = subject(async () => {
      await delay(60);
      return 'token.invalid';
    });
    expect(await runMutations(1, 1, slow)).toMatchObject({ slow: 1 });
  });

  test('of a text that is refused as it is shows nothing', async () => {
    const refused: Subject[] = [{ name: 'a text', text: 'a.b.c', verify: async () => 'token.invalid' }];
    await expect(runMutations(1, 1, refused)).rejects.toThrow('a text is refused as it is: token.invalid');
  });
});
