import { CodedError, idFrom, newId, operations, type Currency } from '@tallystick/contracts';
import type { Send, SendOptions } from '@tallystick/messaging';
import { carryOut, type AskedRequest } from './carry-out.ts';
import type { LedgerResult } from '../domain/book.ts';
import type { LedgerStore } from './stores.ts';

/** How long a proposal may be approved. */
const PROPOSAL_LIFETIME_MS = 24 * 60 * 60 * 1_000;

/** A transfer that brings money in, and waits for a second operator. */
export interface TransferProposal {
  proposalId: string;
  /** The operator's client that proposed it: the owner of the debited account. */
  proposedBy: string;
  debitAccountId: string;
  creditAccountId: string;
  amountMinor: bigint;
  currency: Currency;
  proposedAt: Date;
  expiresAt: Date;
}

/** The table of proposals, within one transaction. */
export interface ProposalStore {
  insert(proposal: TransferProposal): Promise<void>;
  /** Finds and locks a proposal that is not approved yet. */
  lock(proposalId: string): Promise<TransferProposal | undefined>;
  setApproved(proposalId: string, approvedBy: string, at: Date): Promise<void>;
}

/** Notes a transfer for a second operator's approval. */
export async function proposeTransfer(
  store: ProposalStore,
  proposedBy: string,
  asked: Pick<TransferProposal, 'debitAccountId' | 'creditAccountId' | 'amountMinor' | 'currency'>,
  nowMs: number,
): Promise<TransferProposal> {
  const proposal = {
    ...asked,
    proposalId: newId('prp'),
    proposedBy,
    proposedAt: new Date(nowMs),
    expiresAt: new Date(nowMs + PROPOSAL_LIFETIME_MS),
  };
  await store.insert(proposal);
  return proposal;
}

/**
 * Carries out a proposed transfer, approved by another operator than the one that proposed it.
 * @throws CodedError `resource.not_found` if it does not exist, is approved or has expired;
 * `ledger.second_operator_needed` for the operator that proposed it; otherwise as the ledger refuses
 */
export async function approveTransfer(
  stores: { proposals: ProposalStore; ledger: LedgerStore },
  send: Send,
  { proposalId, approvedBy, options }: { proposalId: string; approvedBy: string; options: SendOptions },
  nowMs: number,
): Promise<LedgerResult & { ok: true }> {
  const { proposals, ledger } = stores;
  const proposal = await proposals.lock(proposalId);
  if (proposal === undefined || proposal.expiresAt.getTime() <= nowMs)
    throw new CodedError('resource.not_found');
  if (proposal.proposedBy === approvedBy) throw new CodedError('ledger.second_operator_needed');
  const asked = [requestOf(proposal, approvedBy, options)];
  const [result] = carryOut(ledger, send, await ledger.load(asked, nowMs), asked, nowMs);
  if (result?.ok !== true) throw new CodedError(result!.code);
  await proposals.setApproved(proposalId, approvedBy, new Date(nowMs));
  return result;
}

/** The transfer as its first operator ordered it. Its id follows from the proposal, so an approval moves money once. */
function requestOf(
  { proposalId, proposedBy, proposedAt, expiresAt, ...proposal }: TransferProposal,
  approvedBy: string,
  options: SendOptions,
): AskedRequest {
  const { debitAccountId, creditAccountId, amountMinor, currency } = proposal;
  const body = { debitAccountId, creditAccountId, amountMinor, currency };
  const transferId = idFrom('trf', proposalId);
  return {
    command: { kind: 'transfer', transferId, paymentId: undefined, refund: false, ...body },
    evidence: {
      kind: 'request',
      use: { iss: proposedBy, jti: proposalId, usableUntilS: Math.ceil(expiresAt.getTime() / 1_000) },
      subject: proposedBy,
      operation: operations.transferPost,
      params: {},
      body,
      signedAtS: Math.floor(proposedAt.getTime() / 1_000),
    },
    approvedBy,
    options,
  };
}
