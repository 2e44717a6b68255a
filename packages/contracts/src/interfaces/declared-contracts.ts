import * as z from 'zod';
import { event } from '../definitions/message.ts';
import { time } from '../shapes/time.ts';
import { services, type ServiceName } from '../topics.ts';

/** Characters of {@link declaredContracts}: they must fit into an envelope. */
const CONTRACTS_LENGTH_MAX = 131_072;

const declared = {
  to: [],
  key: 'releaseId',
  replay: 'none',
  current: {
    since: '2026-11-29',
    data: {
      service: z.enum(services),
      releaseId: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .meta({
          description: 'SHA-256 of the contracts: releases with equal contracts have the same',
          examples: ['5b0e'.padEnd(64, '0')],
        }),
      declaredAt: time,
      contracts: z
        .string()
        .regex(/^[A-Za-z0-9_-]+$/)
        .max(CONTRACTS_LENGTH_MAX)
        .meta({
          description:
            'The operations that the service offers and the messages that it sends and handles, each version with its schemas: JSON, gzip, base64url',
          examples: ['H4sIAAAAAAAAA6uuBQBDv6ajAgAAAA'],
        }),
    },
  },
} as const;
const summaryOf = (service: ServiceName): string => `A release of the ${service} service started`;

export const authContractsDeclared = event('auth.contracts.declared', {
  ...declared,
  topic: 'auth.contracts.v1',
  summary: summaryOf('auth'),
});
export const accountContractsDeclared = event('account.contracts.declared', {
  ...declared,
  topic: 'account.contracts.v1',
  summary: summaryOf('account'),
});
export const cardContractsDeclared = event('card.contracts.declared', {
  ...declared,
  topic: 'card.contracts.v1',
  summary: summaryOf('card'),
});
export const paymentContractsDeclared = event('payment.contracts.declared', {
  ...declared,
  topic: 'payment.contracts.v1',
  summary: summaryOf('payment'),
});
export const consoleContractsDeclared = event('console.contracts.declared', {
  ...declared,
  topic: 'console.contracts.v1',
  summary: summaryOf('console'),
});
