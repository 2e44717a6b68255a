import * as z from 'zod';
import { operation } from '../definitions/operation.ts';
import { time } from '../shapes/time.ts';

const inForce = {
  method: 'GET',
  path: '/settings',
  summary: 'Show the settings in force of the process that answers, and its release; no secret',
  scope: 'audit:read',
  proof: 'none',
  current: {
    since: '2026-11-29',
    response: z.object({
      releaseId: z.string().meta({ description: 'SHA-256 of the contracts of the release' }),
      startedAt: time,
      settings: z.array(
        z.object({
          name: z.string(),
          value: z.string().optional().meta({
            description: 'Absent if it is not set, is in a file, or may hold a secret',
          }),
          isSet: z.boolean(),
        }),
      ),
    }),
  },
} as const;

export const authSettings = operation('auth.settings', { ...inForce, service: 'auth' });
export const accountSettings = operation('account.settings', { ...inForce, service: 'account' });
export const cardSettings = operation('card.settings', { ...inForce, service: 'card' });
export const paymentSettings = operation('payment.settings', { ...inForce, service: 'payment' });
export const consoleSettings = operation('console.settings', { ...inForce, service: 'console' });
