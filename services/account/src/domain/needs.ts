import { holdIdOf, transferIdOfOrder, type Grantee } from '@tallystick/contracts';
import type { EvidenceUse, VerifiedEvidence } from '@tallystick/security';
import { wishOfEvidence } from './authority.ts';
import type { LedgerRequest } from './decide.ts';

/** The data that requests need, to load before they are decided. */
export interface Needs {
  accountIds: Set<string>;
  /** The credit accounts of these holds are needed too. */
  holdIds: Set<string>;
  entryIds: Set<string>;
  /** The subset of entries that may have more than two legs. */
  entryIdsOfMany: Set<string>;
  /** Payments with refunds. */
  paymentIds: Set<string>;
  /** Evidence that names its transfer. */
  uses: EvidenceUse[];
  /** Names of orders over HTTP. */
  wishes: Set<string>;
  grants: { accountId: string; grantee: Grantee }[];
}

/** Returns the data that a batch of requests needs. */
export function needsOf(requests: readonly LedgerRequest[]): Needs {
  const needs: Needs = {
    accountIds: new Set(),
    holdIds: new Set(),
    entryIds: new Set(),
    entryIdsOfMany: new Set(),
    paymentIds: new Set(),
    uses: [],
    wishes: new Set(),
    grants: [],
  };
  for (const request of requests) addNeeds(needs, request);
  return needs;
}

function addNeeds(needs: Needs, { command, evidence }: LedgerRequest): void {
  if (command.kind === 'entry') {
    needs.entryIds.add(command.entryId);
    needs.entryIdsOfMany.add(command.entryId);
    for (const { accountId } of command.legs) needs.accountIds.add(accountId);
    return;
  }
  needs.accountIds.add(command.debitAccountId);
  if ('holdId' in command) needs.holdIds.add(command.holdId);
  if ('transferId' in command) needs.entryIds.add(command.transferId);
  if ('creditAccountId' in command) needs.accountIds.add(command.creditAccountId);
  if (command.kind === 'transfer' && command.refund && command.paymentId !== undefined)
    needs.paymentIds.add(command.paymentId);
  if (command.kind !== 'hold' && command.kind !== 'transfer') return;
  const isRefund = command.kind === 'transfer' && command.refund;
  if (command.paymentId !== undefined && !isRefund) {
    // A payment has one of them: with the other it was carried out before.
    needs.holdIds.add(holdIdOf(command.paymentId));
    needs.entryIds.add(transferIdOfOrder(command.paymentId));
  }
  if (evidence === undefined || 'code' in evidence) return;
  if (command.paymentId === undefined) needs.uses.push(evidence.use);
  const wish = wishOfEvidence(evidence);
  if (wish !== undefined) needs.wishes.add(wish);
  const grantee = granteeOf(evidence);
  if (grantee !== undefined) needs.grants.push({ accountId: command.debitAccountId, grantee });
}

function granteeOf(evidence: VerifiedEvidence): Grantee | undefined {
  if (evidence.kind === 'order') return { kind: 'producer', id: evidence.producerId };
  if (evidence.kind === 'decision')
    return { kind: 'card', id: (evidence.message.data as { cardId: string }).cardId };
  return undefined;
}
