import { describe, expect, test } from '@jest/globals';
import { CodedError } from '@tallystick/contracts';
import {
  world,
  call,
  meanwhile,
  proofOf,
  transfer,
  timesRan,
  timesMoved,
  accountOpen,
} from './transfer-edge.ts';

describe('an Idempotency-Key', () => {
  test('returns the first answer to a repeated request, which is carried out once', async () => {
    const asked = transfer();
    const [first, second] = [await call(asked), await call(asked)];
    expect(first.status).toBe(201);
    expect(second.status).toBe(201);
    expect(second.body).toEqual(first.body);
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect([timesRan(asked), await timesMoved(asked)]).toEqual([1, 1]);
  });

  test('in quotes is the same key as without (RFC 9651 §3.3.3)', async () => {
    const asked = transfer();
    const key = asked.headers['idempotency-key']!;
    const withKey = (text: string) => call({ ...asked, headers: { 'idempotency-key': text } });
    const first = await withKey(key);
    for (const quoted of [`"${key}"`, `"${key}";a=1`])
      expect(await withKey(quoted)).toMatchObject({ status: 201, body: first.body });
    expect(timesRan(asked)).toBe(1);
  });

  test.each(['"', '"a', '""', '"a"b"', '"a", "b"', String.raw`"a\b"`])(
    'is refused if its quotes are not well formed: %s',
    async (key) => {
      const asked = transfer({ headers: { 'idempotency-key': key } });
      expect(await call(asked)).toMatchObject({
        status: 400,
        body: { code: 'request.invalid', errors: [{ path: '/header/Idempotency-Key' }] },
      });
    },
  );

  test('is refused with another body, or for another operation', async () => {
    const asked = transfer();
    await call(asked);
    const other = { ...asked, body: { ...asked.body, amountMinor: 1 } };
    expect(await call(other)).toMatchObject({ status: 422, body: { code: 'idempotency.key_reused' } });
    const elsewhere = { path: accountOpen.path, body: { currency: 'EUR' }, headers: asked.headers };
    expect(await call(elsewhere)).toMatchObject({ status: 422 });
  });

  test('is refused while its first request is in progress', async () => {
    const asked = transfer();
    let finish: () => void = () => {};
    const running = new Promise<void>((started) => {
      meanwhile.set(BigInt(asked.body.amountMinor), () => {
        started();
        return new Promise((resolve) => (finish = resolve));
      });
    });
    const first = call(asked);
    await running;
    expect(await call(asked)).toMatchObject({ status: 409, body: { code: 'idempotency.in_progress' } });
    finish();
    expect((await first).status).toBe(201);
    expect(await timesMoved(asked)).toBe(1);
  });

  test('of a refused request is free, and so is its proof', async () => {
    const asked = transfer();
    const token = world.token();
    const proof = await proofOf(asked, token);
    const again = () => call({ ...asked, token, headers: { ...asked.headers, dpop: proof } });
    meanwhile.set(BigInt(asked.body.amountMinor), () =>
      Promise.reject(new CodedError('ledger.insufficient_funds')),
    );
    expect(await again()).toMatchObject({ status: 409, body: { code: 'ledger.insufficient_funds' } });
    meanwhile.delete(BigInt(asked.body.amountMinor));
    expect(await again()).toMatchObject({ status: 201 });
    expect(await again()).toMatchObject({ status: 401, body: { code: 'dpop.replayed' } });
  });

  test('carries out one of many concurrent requests', async () => {
    const asked = transfer();
    const answers = await Promise.all(Array.from({ length: 10 }, () => call(asked)));
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
    expect(answers.some(({ status }) => status === 201)).toBe(true);
    expect(await timesMoved(asked)).toBe(1);
  });

  test('is free again if its request failed, without a trace of the request', async () => {
    const asked = transfer();
    let failures = 0;
    meanwhile.set(BigInt(asked.body.amountMinor), async () => {
      failures += 1;
      if (failures === 1) throw new CodedError('ledger.insufficient_funds');
    });
    expect(await call(asked)).toMatchObject({ status: 409, body: { code: 'ledger.insufficient_funds' } });
    expect(await timesMoved(asked)).toBe(0);
    expect(await call(asked)).toMatchObject({ status: 201 });
    expect(await timesMoved(asked)).toBe(1);
  });

  test('belongs to its subject: another customer may use the same key', async () => {
    const asked = transfer();
    await call(asked);
    const theirs = { ...asked, token: world.token({ sub: 'usr_2' }) };
    expect(await call(theirs)).toMatchObject({ status: 201 });
    expect(timesRan(asked)).toBe(2);
  });

  test('is required, and must be visible ASCII', async () => {
    const { headers: _headers, ...without } = transfer();
    expect(await call(without)).toMatchObject({ status: 400, body: { code: 'idempotency.key_missing' } });
    expect(await call(transfer({ headers: { 'idempotency-key': 'a b' } }))).toMatchObject({
      status: 400,
      body: { errors: [{ path: '/header/Idempotency-Key' }] },
    });
  });
});
