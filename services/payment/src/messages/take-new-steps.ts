import type { CodedError } from '@tallystick/contracts';
import type { Batch, IncomingMessage, Send } from '@tallystick/messaging';
import type { Transaction } from '@tallystick/postgres';
import type { Payment } from '../domain/payment.ts';
import { loadState, takeSteps, type PaymentStep } from '../take-steps.ts';

/**
 * Takes the steps that the new messages of a batch ask for. What they may touch is loaded in the trip that tells which
 * of them are new.
 * @param stepOf the step that a message asks for, if any
 * @returns each message whose step was taken, with the payment as it stands then, or why the order was refused
 */
export async function takeNewSteps(
  { messages, fresh }: Batch,
  stepOf: (message: IncomingMessage) => PaymentStep | undefined,
  tx: Transaction,
  send: Send,
  nowMs: number,
): Promise<{ message: IncomingMessage; result: Payment | CodedError | undefined }[]> {
  const asked = messages.flatMap((message) => {
    const step = stepOf(message);
    return step === undefined ? [] : [{ message, step }];
  });
  const [isNew, state] = await Promise.all([
    fresh,
    loadState(
      tx,
      asked.map(({ step }) => step),
    ),
  ]);
  const taken = asked.filter(({ message }) => isNew.has(message));
  const results = takeSteps(
    tx,
    send,
    state,
    taken.map(({ step }) => step),
    nowMs,
  );
  return taken.map(({ message }, at) => ({ message, result: results[at] }));
}
