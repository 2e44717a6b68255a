import type { BreakKind, Contracts } from '../../src/index.ts';
import { DEPRECATED } from './base.ts';

/** One change of the contracts, and the break that it is. */
export interface InterfaceCase {
  name: string;
  /** A change that an earlier release made. */
  before?: (contracts: Contracts) => void;
  change: (contracts: Contracts) => void;
  interface: string;
  version: number | null;
  kind: BreakKind;
  hurts: string | RegExp;
  field?: string;
  /** The day, if another one than that of the other cases. */
  on?: string;
}

export const create = ({ operations }: Contracts): Contracts['operations'][string] =>
  operations['payment.create@1']!;
export const command = ({ messages }: Contracts): Contracts['messages'][string] =>
  messages['payment.create@1']!;
export const captured = ({ messages }: Contracts): Contracts['messages'][string] =>
  messages['payment.captured@1']!;

export const operation = { interface: 'operation payment.create', version: 1, hurts: 'clients' };
export const ofCommand = { interface: 'message payment.create', version: 1, hurts: /third parties/ };
export const ofEvent = {
  interface: 'message payment.captured',
  version: 1,
  hurts: /the account service, which reads it/,
};
export const ofAudit = {
  interface: 'message payment.audit.recorded',
  version: 1,
  hurts: /the readers of payment\.audit\.v1/,
};

export const deprecate = (contracts: Contracts): void => {
  for (const all of [contracts.operations, contracts.messages])
    for (const [address, one] of Object.entries(all)) {
      (all as Record<string, unknown>)[address.replace('@1', '@2')] = structuredClone(one);
      one.deprecated = { ...DEPRECATED };
    }
  for (const [address, one] of Object.entries(contracts.operations))
    if (address.endsWith('@2')) one.path = one.path.replace('/v1/', '/v2/');
};
