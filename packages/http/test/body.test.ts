import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { makeProof } from '@tallystick/security';
import { publicUrl } from './edge-world.ts';
import { port, timesMoved, timesRan, transfer, transferPost, world } from './transfer-edge.ts';

/** Sends the bytes of a transfer; the proof covers `covered`. */
async function send(
  asked: { headers: Record<string, string> },
  bytes: Uint8Array,
  covered: Uint8Array | string = bytes,
  encoding?: string,
): Promise<{ status: number; acceptEncoding: string | null; body: unknown }> {
  const accessToken = world.token();
  const proof = await makeProof(world.wallet, {
    method: 'POST',
    url: publicUrl + transferPost.path,
    accessToken,
    body: covered,
    nowMs: Date.now(),
  });
  const response = await fetch(`http://127.0.0.1:${port}${transferPost.path}`, {
    method: 'POST',
    headers: {
      authorization: `DPoP ${accessToken}`,
      dpop: proof,
      'content-type': 'application/json',
      ...asked.headers,
      ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
    },
    body: bytes as Uint8Array<ArrayBuffer>,
  });
  const acceptEncoding = response.headers.get('accept-encoding');
  return { status: response.status, acceptEncoding, body: await response.json() };
}

describe('a body', () => {
  test.each(['compress', 'gzip, gzip', 'aes128gcm'])(
    'in the encoding %s answers 415 with the encodings that are read (RFC 9110 §12.5.3)',
    async (encoding) => {
      const asked = transfer();
      expect(await send(asked, Buffer.from(JSON.stringify(asked.body)), undefined, encoding)).toMatchObject({
        status: 415,
        acceptEncoding: expect.stringMatching(/^gzip, deflate, br/),
        body: { code: 'request.content_encoding' },
      });
      expect(timesRan(asked)).toBe(0);
    },
  );

  test('in gzip is read, and the proof covers it before its encoding', async () => {
    const asked = transfer();
    const text = JSON.stringify(asked.body);
    expect(await send(asked, gzipSync(text), text, 'gzip')).toMatchObject({ status: 201 });
    expect(await timesMoved(asked)).toBe(1);
  });

  test('that begins with a byte order mark is refused (RFC 8259 §8.1)', async () => {
    const asked = transfer();
    expect(await send(asked, Buffer.from(`\uFEFF${JSON.stringify(asked.body)}`))).toMatchObject({
      status: 400,
      body: {
        code: 'request.not_json',
        errors: [{ path: '/body', message: expect.stringContaining('byte order') }],
      },
    });
    expect(timesRan(asked)).toBe(0);
  });

  test.each([
    ['Latin-1', [0xe9]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['an overlong form', [0xc0, 0xaf]],
  ])('with %s instead of UTF-8 is refused (RFC 8259 §8.1)', async (_name, noise) => {
    const asked = transfer();
    const bytes = Buffer.concat([Buffer.from('{"currency":"'), Buffer.from(noise), Buffer.from('"}')]);
    expect(await send(asked, bytes)).toMatchObject({
      status: 400,
      body: {
        code: 'request.not_json',
        errors: [{ path: '/body', message: expect.stringContaining('UTF-8') }],
      },
    });
  });
});
