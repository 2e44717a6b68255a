import type { Contracts, JsonSchema } from '../../src/index.ts';

/** The day of every comparison in these tests. */
export const TODAY = '2027-03-01';
export const DEPRECATED = { since: '2027-01-01', sunset: '2028-01-01', use: 2 };

const text = { type: 'string' };
export const amount = { type: 'integer', minimum: 1, maximum: 1_000 };

/** A schema with one field of each sort. */
function payment(openness: JsonSchema): JsonSchema {
  return {
    type: 'object',
    properties: {
      amountMinor: { ...amount },
      currency: { type: 'string', enum: ['EUR', 'USD'] },
      purpose: { type: 'string', maxLength: 35, pattern: '^[a-z]*$' },
      capture: { type: 'string', enum: ['automatic', 'manual'], default: 'automatic' },
      dueAt: { type: 'string', format: 'date-time' },
      share: { type: 'number' },
      number: { type: 'string', 'x-classification': 'confidential' },
      payee: {
        'x-discriminator': 'kind',
        oneOf: ['account', 'card'].map((kind) => ({
          type: 'object',
          properties: { kind: { type: 'string', const: kind }, id: { ...text } },
          required: ['kind', 'id'],
          ...openness,
        })),
      },
      address: { type: 'object', properties: { town: { ...text } }, required: ['town'], ...openness },
      tags: { type: 'array', items: { ...text, maxLength: 10 }, maxItems: 5 },
    },
    required: ['amountMinor', 'currency', 'payee', 'share'],
    ...openness,
  };
}

const closed = (): JsonSchema => payment({ additionalProperties: false });
const open = (): JsonSchema => payment({});

/** Contracts of a release, which a case changes. */
export function baseContracts(): Contracts {
  const fromThirdParties = {
    from: ['client'],
    to: ['payment'],
    key: 'paymentId',
    classification: 'internal',
    authority: [],
    since: '2026-11-01',
  };
  return {
    date: '2027-02-01',
    operations: {
      'payment.create@1': {
        service: 'payment',
        method: 'POST',
        path: '/v1/payments/{payerId}',
        callers: 'clients',
        scope: 'payments:write',
        proof: 'none',
        idempotent: false,
        headers: [],
        params: {
          type: 'object',
          properties: { payerId: text },
          required: ['payerId'],
          additionalProperties: false,
        },
        query: { type: 'object', properties: { wait: { type: 'integer' } }, additionalProperties: false },
        body: closed(),
        response: open(),
        mediaTypes: {
          request: ['application/json'],
          response: ['application/json', 'application/problem+json'],
        },
        successStatuses: [201, 202],
        location: '/v1/payments/{paymentId}',
        authority: ['payee', 'payer'],
        errors: ['payment.not_found', 'request.invalid'],
        since: '2026-11-01',
      },
    },
    messages: {
      'payment.create@1': {
        ...fromThirdParties,
        kind: 'command',
        topic: 'payment.commands.v1',
        lifetimeS: 300,
        outcomes: ['payment.captured'],
        authority: ['capturer', 'payee'],
        data: closed(),
      },
      'payment.captured@1': {
        ...fromThirdParties,
        kind: 'event',
        topic: 'payment.events.v1',
        from: ['payment'],
        to: ['account', 'client'],
        lifetimeS: 0,
        outcomes: [],
        data: open(),
      },
      'payment.audit.recorded@1': {
        ...fromThirdParties,
        kind: 'event',
        topic: 'payment.audit.v1',
        from: ['payment'],
        to: [],
        lifetimeS: 0,
        outcomes: [],
        data: open(),
      },
    },
    topics: {
      'payment.commands.v1': { owner: 'payment', cleanup: 'deleted', partitions: 2 },
      'payment.events.v1': { owner: 'payment', cleanup: 'deleted', partitions: 2 },
      'payment.audit.v1': { owner: 'payment', cleanup: 'compacted', partitions: 1 },
    },
    errors: {
      'payment.not_found': { status: 404, retry: false },
      'request.invalid': { status: 400, retry: false },
    },
    minorUnits: { EUR: 2, JPY: 0 },
    wire: {
      envelope: {
        type: 'object',
        properties: { header: { ...text }, claims: { ...text } },
        required: ['header', 'claims'],
      },
      problem: { type: 'object', properties: { code: { ...text } }, required: ['code'] },
    },
    reserved: { interfaces: [], paths: [], topics: [], errors: [], fields: [] },
  };
}

/** Returns the fields of an object's schema, to change them. */
export function fieldsOf(schema: JsonSchema): Record<string, JsonSchema> {
  return schema['properties'] as Record<string, JsonSchema>;
}

/** Returns the names of the required fields of an object's schema, to change them. */
export function requiredOf(schema: JsonSchema): string[] {
  return schema['required'] as string[];
}
