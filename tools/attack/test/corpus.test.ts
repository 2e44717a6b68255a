import { describe, expect, test } from '@jest/globals';
import { operation, operations } from '@tallystick/contracts';
import * as z from 'zod';
import { routesOf } from '../src/attacks/derived/operations.ts';
import { families } from '../src/corpus.ts';
import { leastBody } from '../src/http/bodies.ts';

const attacks = families.flatMap((family) => family.attacks);
const namesOf = (family: string): string[] =>
  attacks.filter(({ name }) => name.startsWith(`${family}.`)).map(({ name }) => name);
const all = Object.values(operations).flatMap(({ id, versions, method }) =>
  Object.entries(versions).map(([version, { path }]) => ({ name: `${id}-v${version}`, path, method })),
);

describe('the corpus', () => {
  test('has names that are unique and begin with their family', () => {
    const names = attacks.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, attacks: own } of families)
      expect(own.filter((one) => !one.name.startsWith(`${name}.`))).toEqual([]);
  });

  test('attacks the object of every path with a parameter, in each version', () => {
    const withParameter = all.filter(({ path }) => path.includes('{')).map(({ name }) => `objects.${name}`);
    expect(namesOf('objects').toSorted()).toEqual(withParameter.toSorted());
  });

  test('calls every operation without a token, without its key, with other scopes and with another query', () => {
    const names = all.map(({ name }) => name).toSorted();
    const of = (prefix: string): string[] =>
      attacks
        .filter(({ name }) => name.startsWith(prefix))
        .map(({ name }) => name.slice(prefix.length))
        .toSorted();
    for (const prefix of ['access.no-token-', 'access.bearer-', 'scopes.', 'queries.'])
      expect(of(prefix)).toEqual(names);
  });

  test('adds a member to the body of every operation that changes something', () => {
    const writes = all.filter(({ method }) => method !== 'GET').map(({ name }) => `members.${name}`);
    expect(namesOf('members').toSorted()).toEqual(writes.toSorted());
  });

  test('attacks a new operation without a change here', () => {
    const close = operation('account.close', {
      service: 'account',
      method: 'POST',
      successStatuses: [200],
      path: '/accounts/{accountId}/closure',
      summary: 'Close an account',
      scope: 'accounts:write',
      proof: 'dpop',
      params: z.strictObject({ accountId: z.string() }),
      current: { since: '2026-12-01', response: z.object({}) },
    });
    expect(routesOf([close])).toEqual([{ operation: close, version: 1, name: 'account.close-v1' }]);
  });
});

describe('the least body', () => {
  test.each(all.map(({ name }) => name))('of %s fits its schema', (name) => {
    const route = routesOf().find((one) => one.name === name)!;
    const { body } = route.operation.versions[route.version]!;
    expect(body.safeParse(leastBody(body)).success).toBe(true);
  });
});
