import { describe, expect, test } from '@jest/globals';
import { newId, operations } from '@tallystick/contracts';
import { verifyProof } from '@tallystick/security';
import fc from 'fast-check';
import { generateDpopKey, signRequest, thumbprintOf, type ProofAlgorithm } from '../src/index.ts';

const origin = 'https://api.example';

describe.each<ProofAlgorithm>(['ES256', 'Ed25519'])('a request signed with %s', (algorithm) => {
  test('has a proof over any body, to the byte, that a service accepts', async () => {
    const key = await generateDpopKey(algorithm);
    const keyThumbprint = await thumbprintOf(key);
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme' }),
        fc.stringMatching(/^[\x21-\x7e]+$/),
        async (body, token) => {
          const request = await signRequest(operations.transferPost, { origin, body }, { token, key });
          const expected = {
            method: 'POST',
            url: origin + operations.transferPost.path,
            accessToken: token,
            keyThumbprint,
            atMs: Date.now(),
            ageMaxS: 60,
          };
          const proof = request.headers['DPoP']!;
          await verifyProof(proof, { ...expected, body: new TextEncoder().encode(body) });
          await expect(verifyProof(proof, { ...expected, body: `${body} ` })).rejects.toThrow(
            'dpop.digest_mismatch',
          );
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe('the proof of a request', () => {
  test('names the path without the query, and is new for each attempt', async () => {
    const key = await generateDpopKey();
    const parts = { origin, params: { accountId: newId('acc') }, query: { limit: '2' } };
    const sign = () => signRequest(operations.entryList, parts, { token: 'a', key });
    const [one, two] = [await sign(), await sign()];
    expect(one.url).toMatch(/entries\?limit=2$/);
    const claims = JSON.parse(atob(one.headers['DPoP']!.split('.')[1]!)) as { htu: string };
    expect(claims.htu).toBe(one.url.replace('?limit=2', ''));
    expect(one.headers['DPoP']).not.toBe(two.headers['DPoP']);
  });
});
