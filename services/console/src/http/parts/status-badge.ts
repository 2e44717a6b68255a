import type { Html } from '@tallystick/pages';
import { badge, type Tone } from './badge.ts';

const tones: Readonly<Record<string, Tone>> = {
  open: 'good',
  frozen: 'warn',
  closed: 'plain',
  active: 'good',
  withdrawn: 'plain',
  posted: 'good',
  voided: 'plain',
  expired: 'plain',
  retired: 'plain',
  revoked: 'bad',
};

/** Renders the state of an account, a hold, a mandate or a key. */
export function statusBadge(status: string): Html {
  return badge(status, tones[status] ?? 'plain');
}
