import type { Send } from '@tallystick/messaging';
import { hearersOf, type Movement, type Payment } from '../domain/payment.ts';
import { requestMovementStatus, requestStatus } from '../domain/request-status.ts';
import type { SagaContext } from '../domain/saga-event.ts';
import type { Sweep } from './sweeps.ts';

/** A payment without an outcome, or a movement of it. */
export interface Unanswered {
  payment: Payment;
  movement?: Movement;
}

/** The search for payments and movements without an outcome, within one transaction. */
export interface UnansweredStore {
  /**
   * Finds what reached the ages of sweeps since they last ran, of each sweep at most a fixed number; another replica's
   * running sweeps find nothing here.
   */
  sweep(sweeps: readonly Sweep[], nowMs: number): Promise<{ sweep: Sweep; found: Unanswered[] }[]>;
}

/**
 * Asks for the outcomes of orders that have none at their deadline: their command or its answer was lost or quarantined.
 * The answers then end the payments, and no money stays behind.
 * @param report tells the operator of payments that got no answer at all
 */
export async function askForOutcomes(
  store: UnansweredStore,
  send: Send,
  sweeps: readonly Sweep[],
  report: (unanswered: Unanswered) => void,
  nowMs: number,
): Promise<void> {
  for (const { sweep, found } of await store.sweep(sweeps, nowMs)) {
    for (const one of found) {
      if (sweep.does === 'report') report(one);
      else ask(one, send, nowMs);
    }
  }
}

function ask({ payment, movement }: Unanswered, send: Send, nowMs: number): void {
  const context: SagaContext = { nowMs, effects: [], newMovements: [] };
  if (movement === undefined) requestStatus(payment, context);
  else requestMovementStatus(payment, movement, context);
  for (const { definition, data } of context.effects)
    send(definition, data, { txn: payment.txn, recipients: hearersOf(payment) });
}
