import { describe, expect, test } from '@jest/globals';
import {
  changelogEntry,
  compareContracts,
  ContractsInputError,
  currentContracts,
  parseContracts,
  parseWaivers,
  releaseFiles,
  withEntry,
} from '../src/index.ts';
import { baseContracts, DEPRECATED, fieldsOf, TODAY } from './breaks/base.ts';

const WAIVER = 'operation payment.create@1 /body/purpose pattern.changed: nobody sends a purpose yet';

function changedContracts(): ReturnType<typeof baseContracts> {
  const current = { ...baseContracts(), date: TODAY };
  fieldsOf(current.operations['payment.create@1']!.body)['purpose']!['pattern'] = '^[a-z0-9]*$';
  return current;
}

describe('the contracts in code', () => {
  const { messages, operations } = currentContracts(TODAY);

  test('mark confidential fields, also optional ones', () => {
    const { number } = fieldsOf(messages['card.tokenize@1']!.data);
    expect(number).toMatchObject({ 'x-classification': 'confidential' });
    expect(fieldsOf(operations['card.issue@1']!.response)['number']).toEqual(number);
  });

  test('mark discriminators', () => {
    expect(JSON.stringify(operations['payment.create@2']!.body)).toContain('"x-discriminator":"kind"');
  });

  test('stay the same through the file of a release', () => {
    const current = currentContracts(TODAY);
    const { contracts } = releaseFiles(undefined, current, [], undefined);
    const read = parseContracts(contracts, 'contracts.json');
    expect(read.operations).toEqual(current.operations);
    expect(read.messages).toEqual(current.messages);
    expect(compareContracts(read, current, TODAY).breaks).toEqual([]);
  });
});

describe('a file of contracts', () => {
  test.each([
    ['is no JSON', '{', /is not JSON/],
    ['holds something else', '{"date":"2026-11-29"}', /holds no contracts: \/operations/],
    [
      'has a reference to nothing',
      JSON.stringify({
        ...baseContracts(),
        schemas: {},
        messages: {
          'a@1': { ...baseContracts().messages['payment.create@1'], data: { $ref: '#/schemas/Nothing' } },
        },
      }),
      /has no schema #\/schemas\/Nothing/,
    ],
  ])('that %s is refused with one sentence', (_name, text, message) => {
    const parse = () => parseContracts(text, 'contracts.json');
    expect(parse).toThrow(ContractsInputError);
    expect(parse).toThrow(message);
    expect(parse).toThrow(/restore it from git, or write it with npx tallystick contracts release$/);
  });

  test('that deprecates a version in favour of one that does not exist is refused', () => {
    const current = baseContracts();
    current.operations['payment.create@1']!.deprecated = { ...DEPRECATED };
    expect(() => compareContracts(baseContracts(), current, TODAY)).toThrow(
      /operation payment\.create@1 is deprecated in favour of version 2, which does not exist/,
    );
  });
});

describe('a waiver', () => {
  test('lets a breaking change pass and keeps its reason', () => {
    const waivers = parseWaivers(`# a comment\n\n${WAIVER}\n`, baseContracts());
    const { breaks, waived } = compareContracts(baseContracts(), changedContracts(), TODAY, waivers);
    expect(breaks).toEqual([]);
    expect(waived).toMatchObject([
      { break: { kind: 'pattern.changed', field: '/body/purpose' }, reason: 'nobody sends a purpose yet' },
    ]);
  });

  test('of an interface as a whole has - for its field', () => {
    const current = baseContracts();
    current.messages['payment.create@1']!.lifetimeS = 60;
    const waivers = parseWaivers('message payment.create@1 - lifetime.changed: agreed with all', current);
    expect(compareContracts(baseContracts(), current, TODAY, waivers).breaks).toEqual([]);
  });

  test('that matches no breaking change is an error', () => {
    const waivers = parseWaivers(`\n${WAIVER}`, baseContracts());
    expect(() => compareContracts(baseContracts(), baseContracts(), TODAY, waivers)).toThrow(
      /the waiver in line 2 matches no breaking change/,
    );
  });

  test.each([
    ['without a reason', 'operation payment.create@1 /body/purpose pattern.changed:', /has no reason/],
    ['that cannot be read', 'payment.create may change', /line 1 cannot be read/],
    ['of an unknown kind', 'operation payment.create@1 - colour.changed: why', /names no kind of break/],
    [
      'of an unknown version',
      'operation payment.create@9 - path.changed: why',
      /payment\.create@9, which does not exist/,
    ],
  ])('%s is an error', (_name, line, message) => {
    expect(() => parseWaivers(line, baseContracts())).toThrow(message);
  });
});

describe('a release', () => {
  test('tells in the changelog what changed, above the earlier releases', () => {
    const current = changedContracts();
    current.operations['payment.create@2'] = {
      ...baseContracts().operations['payment.create@1']!,
      path: '/v2/payments/{payerId}',
    };
    current.operations['payment.create@1']!.deprecated = { ...DEPRECATED };
    fieldsOf(current.messages['payment.captured@1']!.data)['reference'] = { type: 'string' };
    const { waived } = compareContracts(baseContracts(), current, TODAY, parseWaivers(WAIVER, current));
    const first = withEntry(undefined, changelogEntry(undefined, baseContracts()));
    const { changelog } = releaseFiles(baseContracts(), current, waived, first);
    const [, newest, earlier] = changelog.split(/^(?=## )/m);
    expect(newest).toContain(`## ${TODAY}`);
    expect(newest).toContain('- New operation `payment.create@2`: `POST /v2/payments/{payerId}` of payment.');
    expect(newest).toContain(
      '- Deprecated operation `payment.create@1` since 2027-01-01: use version 2; refused from 2028-01-01.',
    );
    expect(newest).toContain('- message `payment.captured@1` `/data/reference`: new field.');
    expect(newest).toContain(
      '- **Breaking**: operation payment.create@1 `/body/purpose`: ^[a-z]*$ became ^[a-z0-9]*$. Hurts clients. Reason: nobody sends a purpose yet',
    );
    expect(earlier).toContain('- First release: 1 versions of operations');
  });

  test('tells what a list gained and lost', () => {
    const current = baseContracts();
    current.operations['payment.create@1']!.authority = ['initiator', 'payee'];
    expect(changelogEntry(baseContracts(), { ...current, date: TODAY })).toContain(
      '- operation `payment.create@1`: roles that may now also initiator; no longer payer.',
    );
  });

  test('without changes says so', () => {
    expect(changelogEntry(baseContracts(), { ...baseContracts(), date: TODAY })).toBe(
      `## ${TODAY}\n\n- No interface changed.\n`,
    );
  });

  test('reserves the names that are gone, for ever', () => {
    const deprecated = baseContracts();
    deprecated.operations['payment.create@2'] = {
      ...baseContracts().operations['payment.create@1']!,
      path: '/v2/payments/{payerId}',
    };
    const current = structuredClone(deprecated);
    delete current.operations['payment.create@1'];
    delete fieldsOf(current.messages['payment.captured@1']!.data)['purpose'];
    const release = (base: typeof current, next: typeof current): typeof current =>
      parseContracts(releaseFiles(base, next, [], undefined).contracts, 'contracts.json');
    const second = release(deprecated, current);
    const third = release(second, structuredClone(current));
    expect(third.reserved).toEqual({
      interfaces: ['operation payment.create@1'],
      paths: ['payment POST /v1/payments/{}'],
      topics: [],
      errors: [],
      fields: ['message payment.captured@1 /data/purpose'],
    });
  });
});
