import { operations, type ErrorCode, type OperationDefinition } from '@tallystick/contracts';
import { verdict, type Attack } from '../../attack.ts';
import { ask, shown, type Answer } from '../../http/ask.ts';
import { refusedWith, routeOf } from '../../http/refused.ts';
import { newEndToEndId } from '../../kafka/order.ts';
import { WAIT_S } from '../../target/accounts.ts';
import type { Person, World } from '../../target/world.ts';

/** The amount of each payment, in minor units. */
export const AMOUNT = 10;
const { capturePayment, refundPayment } = operations;

/** Pays from the purse to the till with manual capture: the victim orders, the thief is the payee. */
export async function authorized(
  { victim: { client }, accounts }: World,
  capturedBy: 'payee' | 'initiator',
): Promise<string> {
  const { body } = await client.call(operations.createPayment, {
    body: {
      source: { kind: 'account', accountId: accounts.purse },
      payee: { kind: 'account', accountId: accounts.till },
      amountMinor: BigInt(AMOUNT),
      currency: 'EUR',
      capture: 'manual',
      capturedBy,
      endToEndId: newEndToEndId(),
    },
    waitS: WAIT_S,
  });
  if (body.status !== 'authorized') throw new Error(`the payment is ${body.status}`);
  return body.paymentId;
}

/** Sends a capture, cancellation or refund, and waits for its outcome. */
export function order(
  person: Person,
  operation: OperationDefinition,
  paymentId: string,
  body: object,
): Promise<Answer> {
  return ask(person.client, operation, {
    params: { paymentId },
    body: JSON.stringify(body),
    headers: { Prefer: `wait=${WAIT_S}` },
  });
}

/** The body of a refund of it all. */
export const full = { amountMinor: AMOUNT };
/** The body of a capture of it all. */
export const captured = { ...full, final: true };

/** The payee captures and refunds, as the order says: the roles that attacks lack. */
export const honestPayment: Attack['control'] = async (world) => {
  const paymentId = await authorized(world, 'payee');
  const answers = [
    await order(world.thief, capturePayment, paymentId, captured),
    await order(world.thief, refundPayment, paymentId, full),
  ];
  return verdict('201, 201', answers.map(shown).join(', '));
};

/** Makes an attack on a new payment of the victim to the thief. */
export function paymentAttack(
  name: string,
  operation: OperationDefinition,
  code: ErrorCode,
  attack: (world: World, paymentId: string) => Promise<Answer>,
  capturedBy: 'payee' | 'initiator' = 'payee',
): Attack {
  return {
    name: `payments.${name}`,
    on: routeOf(operation, operation.version),
    control: honestPayment,
    run: async (world) => refusedWith(await attack(world, await authorized(world, capturedBy)), code),
  };
}
