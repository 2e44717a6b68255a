import { describe, expect, test } from '@jest/globals';
import { newId } from '@tallystick/contracts';
import { type Call } from './edge-world.ts';
import { call, meanwhile, transfer, accountPath } from './transfer-edge.ts';

describe('a problem document (RFC 9457)', () => {
  test('has its media type, code, status and the path of each fault, and no value', async () => {
    const body = {
      debitAccountId: 'secret-1',
      creditAccountId: newId('acc'),
      amountMinor: 0,
      note: 'secret-2',
    };
    const answer = await call({ ...transfer(), body });
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.body).toMatchObject({
      type: 'urn:tallystick:error:request.invalid',
      title: expect.any(String),
      status: 400,
      code: 'request.invalid',
    });
    expect(answer.body.errors?.map(({ path }) => path).toSorted()).toEqual([
      '/body',
      '/body/amountMinor',
      '/body/currency',
      '/body/debitAccountId',
    ]);
    expect(JSON.stringify(answer.body)).not.toMatch(/secret-[12]|    at /);
  });

  test('reports faults of the path and of the query', async () => {
    const path = await call({ method: 'GET', path: '/v1/accounts/mine' });
    expect(path.body.errors?.map((fault) => fault.path)).toEqual(['/path/accountId']);
    const query = await call({
      method: 'GET',
      path: `${accountPath()}/entries?limit=0&colour=red`,
    });
    expect(query.body.errors?.map((fault) => fault.path).toSorted()).toEqual(['/query', '/query/limit']);
  });

  test.each(['1.0', '1e2', '0.99999999999999999999', '1.00000000000000000001'])(
    'is refused with an amount that only rounding makes an integer: %s',
    async (amountMinor) => {
      const asked = transfer();
      const body = JSON.stringify(asked.body).replace(/"amountMinor":\d+/, `"amountMinor":${amountMinor}`);
      expect(await call({ ...asked, body })).toMatchObject({
        status: 400,
        body: { code: 'request.invalid', errors: [{ path: '/body/amountMinor' }] },
      });
    },
  );

  test('is refused if it names a member twice (RFC 7493 §2.3)', async () => {
    const asked = transfer();
    const body = JSON.stringify(asked.body).replace('{', '{"amountMinor":1,');
    expect(await call({ ...asked, body })).toMatchObject({ status: 400, body: { code: 'request.not_json' } });
  });

  test.each([
    ['a path that is not served', { method: 'GET', path: '/v1/nothing' }, 404, 'route.not_found'],
    ['a path in capitals', { method: 'GET', path: '/V1/ACCOUNTS' }, 404, 'route.not_found'],
    ['a path with a slash more', { method: 'GET', path: `${accountPath()}/` }, 404, 'route.not_found'],
    [
      'a path that is not well formed',
      { method: 'GET', path: '/v1/accounts/%E0%A4%A' },
      400,
      'request.invalid',
    ],
    ['a body that is not JSON', { ...transfer(), body: '{"a":' }, 400, 'request.not_json'],
    [
      'a body nested too deep',
      { ...transfer(), body: '['.repeat(50) + ']'.repeat(50) },
      400,
      'request.not_json',
    ],
    ['a body with __proto__', { ...transfer(), body: '{"__proto__":{}}' }, 400, 'request.not_json'],
    [
      'a body that is too large',
      { ...transfer(), body: `"${'a'.repeat(40_000)}"` },
      413,
      'request.too_large',
    ],
  ])('answers %s', async (_name, asked, status, code) => {
    expect(await call(asked as Call)).toMatchObject({ status, body: { status, code } });
  });

  test.each(['text/xml', 'application/json; charset=utf-7', 'application/json;charset="UTF-16"'])(
    'answers a body of the media type %s',
    async (type) => {
      const asked = transfer({ headers: { 'content-type': type } });
      expect(await call(asked)).toMatchObject({ status: 415, body: { code: 'request.media_type' } });
    },
  );

  test.each(['gzip', 'deflate', 'br'])('answers a body that is not what %s makes', async (encoding) => {
    const asked = transfer({ headers: { 'content-encoding': encoding } });
    expect(await call(asked)).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
  });

  test('has the code with which a handler refuses', async () => {
    const path = `/v1/mandates/${newId('mdt')}`;
    expect(await call({ method: 'DELETE', path })).toMatchObject({
      status: 404,
      body: { code: 'resource.not_found' },
    });
  });

  test('does not describe an internal error', async () => {
    const asked = transfer();
    meanwhile.set(BigInt(asked.body.amountMinor), () => Promise.reject(new Error('password=hunter2')));
    const answer = await call(asked);
    expect(answer).toMatchObject({ status: 500, body: { code: 'internal' } });
    expect(JSON.stringify(answer.body)).not.toContain('hunter2');
  });
});

describe('responses', () => {
  test('forbid caching and name no software', async () => {
    const { headers } = await call({ method: 'GET', path: accountPath() });
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });
});
