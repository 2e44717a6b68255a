import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';

import {
  API_AUDIENCE,
  CodedError,
  confidential,
  confidentialFieldNames,
  confidentialFields,
  DECISIONS_AUDIENCE,
  errorCodes,
  evidence,
  findMessage,
  messages,
  operationPath,
  operations,
  OUTCOMES,
  scopes,
  services,
  topics,
  type MessageDefinition,
  type OperationDefinition,
} from '../src/index.ts';

const allMessages = Object.values<MessageDefinition>(messages);
const allOperations = Object.values<OperationDefinition>(operations);

describe.each(allMessages.map((message) => [message.type, message] as const))(
  'the message %s',
  (_type, message) => {
    test('is found only by its address', () => {
      const { topic, type } = message;
      expect(findMessage(topic, type)).toBe(message);
      expect(findMessage(topic, `${type}.other`)).toBeUndefined();
      expect(findMessage(`other.${topic}`, type)).toBeUndefined();
    });

    test('is on a declared topic and is named after it', () => {
      expect([...Object.keys(topics), OUTCOMES, DECISIONS_AUDIENCE]).toContain(message.topic);
      const [owner = ''] = message.type.split('.');
      expect(services).toContain(owner);
      if (message.topic !== OUTCOMES) expect(message.topic.split('.')[0]).toBe(owner);
    });

    test('has an id of its payload as the record key', () => {
      expect(message.key).toMatch(/Id$/);
      for (const { data } of Object.values(message.versions)) {
        const { shape } = data as unknown as z.ZodObject;
        expect(shape[message.key]).toBeDefined();
        expect(shape[message.key]?.isOptional()).toBe(false);
      }
    });

    test('has a sender, and events as answers if it is a command', () => {
      expect(message.from.length).toBeGreaterThan(0);
      if (message.kind === 'event') expect(message.from).toEqual([message.type.split('.')[0]]);
      const isAnswered = message.kind === 'command' && message.topic !== DECISIONS_AUDIENCE;
      expect(message.outcomes.length > 0).toBe(isAnswered);
    });

    test('refuses an unknown field in a command and drops it in an event', () => {
      const { catchall } = (message.data as unknown as z.ZodObject)._zod.def;
      expect(catchall?._zod.def.type).toBe(message.kind === 'command' ? 'never' : undefined);
    });

    test('has a summary', () => {
      expect(message.summary.length).toBeGreaterThan(10);
      expect(message.version).toBeGreaterThanOrEqual(1);
    });
  },
);

test('an event contains no confidential field', () => {
  const events = allMessages.filter(({ kind }) => kind === 'event');
  expect(events).not.toHaveLength(0);
  for (const event of events) expect([event.type, ...confidentialFields(event.data)]).toEqual([event.type]);
});

test('a card number travels only in a message that is encrypted', () => {
  const withNumber = allMessages.filter(({ data }) => confidentialFields(data).has('number'));
  expect(withNumber).not.toHaveLength(0);
  expect(withNumber.filter(({ classification }) => classification !== 'confidential')).toEqual([]);
});

describe.each(allOperations.map((operation) => [operation.id, operation] as const))(
  'the operation %s',
  (_id, operation) => {
    test('requires a defined scope', () => {
      expect(Object.keys(scopes)).toContain(operation.scope);
    });

    test('defines the parameters in its path', () => {
      const named = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
      const shape = (operation.params as unknown as z.ZodObject).shape;
      expect(Object.keys(shape).toSorted()).toEqual(named.toSorted());
    });

    test('is safe to repeat: a POST whose answer is stored needs an Idempotency-Key', () => {
      // Its answer has a secret, which must not be stored; a repeated enrolment is another one.
      const isStored = operation.id !== operations.producerEnrol.id;
      expect(operation.idempotent).toBe(operation.method === 'POST' && isStored);
    });

    test('has no confidential field in its response, except the one that it exists to show', () => {
      const fields = confidentialFields(operation.response);
      const shown: Record<string, string[]> = {
        [operations.cardIssue.id]: ['number'],
        [operations.producerEnrol.id]: ['enrolmentCode'],
      };
      expect([...fields]).toEqual(shown[operation.id] ?? []);
    });
  },
);

test('ids and addresses of operations are unique', () => {
  const addresses = allOperations.map(({ service, method, path }) => `${service} ${method} ${path}`);
  expect(new Set(addresses).size).toBe(addresses.length);
  expect(new Set(allOperations.map(({ id }) => id)).size).toBe(allOperations.length);
});

test('an operation that takes money or grants the power to needs a proof', () => {
  const { transferPost, mandateCreate, createPayment, capturePayment, cancelPayment, refundPayment } =
    operations;
  for (const operation of [
    transferPost,
    mandateCreate,
    createPayment,
    capturePayment,
    cancelPayment,
    refundPayment,
  ])
    expect([operation.id, operation.proof]).toEqual([operation.id, 'dpop']);
});

test('builds and escapes a path, and fails for a missing parameter', () => {
  expect(operationPath(operations.getPayment, { paymentId: 'a/b' })).toBe('/v2/payments/a%2Fb');
  expect(operationPath(operations.getPayment.versions[1]!, { paymentId: 'a' })).toBe('/v1/payments/a');
  expect(() => operationPath(operations.getPayment)).toThrow(/paymentId/);
});

describe('the redacted fields', () => {
  test('are the marked fields', () => {
    expect(confidentialFieldNames()).toEqual(
      expect.arrayContaining(['accessToken', 'body', 'envelope', 'number', 'proof']),
    );
    expect(confidentialFieldNames()).not.toContain('amountMinor');
  });

  test('are found at any depth: in arrays, options, unions, defaults and codecs', () => {
    const secret = (): z.ZodType => confidential(z.string());
    const schema = z.object({
      list: z.array(z.object({ inList: secret() })),
      maybe: z.object({ inOptional: secret().optional() }).nullable().optional(),
      either: z.union([z.object({ inUnion: secret() }), z.object({ plain: z.string() })]),
      map: z.record(z.string(), z.object({ inRecord: secret() })),
      withDefault: z.object({ inDefault: secret().default('') }).prefault({}),
    });
    expect([...confidentialFields(schema)].toSorted()).toEqual([
      'inDefault',
      'inList',
      'inOptional',
      'inRecord',
      'inUnion',
    ]);
  });

  test('are not marked in another use of the same schema', () => {
    const shared = z.string();
    const schema = z.object({ secret: confidential(shared), plain: shared });
    expect([...confidentialFields(schema)]).toEqual(['secret']);
  });

  test('include every part of each kind of evidence', () => {
    const ofRequest = ['accessToken', 'proof', 'body'];
    for (const option of evidence.options) {
      const names = Object.keys(option.shape)
        .filter((name) => name !== 'kind' && name !== 'operation')
        .flatMap((name) => (name === 'request' ? ofRequest : name));
      expect([...confidentialFields(option)].toSorted()).toEqual(names.toSorted());
    }
  });
});

describe('an error', () => {
  test.each(Object.entries(errorCodes))(
    '%s has an HTTP status, a title and an action',
    (code, { status, title, action }) => {
      expect(action).toMatch(/^[A-Z].*\.$/);
      expect(code).toMatch(/^[a-z]+(\.[a-z0-9_]+)?$/);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(600);
      expect(title).toMatch(/^[A-Z].*[^.]$/);
    },
  );

  test('is 401 for authentication and 403 for authorization', () => {
    expect(errorCodes['token.expired'].status).toBe(401);
    expect(errorCodes['dpop.replayed'].status).toBe(401);
    expect(errorCodes['token.scope_insufficient'].status).toBe(403);
    expect(errorCodes['idempotency.key_reused'].status).toBe(422);
    expect(errorCodes['idempotency.in_progress'].status).toBe(409);
  });

  test('is thrown with its code, its cause and its faults', () => {
    const cause = new Error('why');
    const error = new CodedError('request.invalid', {
      detail: 'words',
      faults: [{ path: '/a', message: 'm' }],
      cause,
    });
    expect(error).toMatchObject({ name: 'CodedError', code: 'request.invalid', detail: 'words', cause });
    expect(error.message).toBe('request.invalid: words');
    expect(new CodedError('internal').message).toContain(errorCodes.internal.title);
  });
});

test('the audience of tokens is not a topic', () => {
  expect(Object.keys(topics)).not.toContain(API_AUDIENCE);
});
