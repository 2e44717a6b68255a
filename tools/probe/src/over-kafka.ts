import type { Client } from '@tallystick/client';
import { isOf, messages, newId } from '@tallystick/contracts';
import { paymentOutcomes, Producer } from '@tallystick/producer';
import { ownMandates, PROBE_MINOR, type OwnAccounts } from './accounts.ts';
import { endToEndId } from './over-http.ts';
import type { ProbeSettings } from './settings.ts';
import { StepError, type Steps } from './steps.ts';

/** Orders a payment from one account of the probe to the other and back on Kafka, and awaits the outcomes. */
export async function payOverKafka(
  steps: Steps,
  client: Client,
  accounts: OwnAccounts,
  settings: ProbeSettings,
): Promise<void> {
  const connecting = { producer: undefined as Producer | undefined };
  const producer = await steps.run('kafka.connect', async (signal) => {
    await ownMandates(client, accounts, settings, signal);
    connecting.producer = await Producer.connect(settings.producer!);
    return connecting.producer;
  });
  try {
    if (producer === undefined) {
      steps.skip(['kafka.order', 'kafka.return'], 'kafka.connect');
      return;
    }
    const pay = async ({ payer, payee }: OwnAccounts): Promise<void> => {
      const paymentId = newId('pay');
      await producer.publish(messages.paymentCreate, {
        paymentId,
        source: { kind: 'account', accountId: payer },
        payee: { kind: 'account', accountId: payee },
        amountMinor: PROBE_MINOR,
        currency: settings.currency,
        capture: 'automatic',
        capturedBy: 'initiator',
        endToEndId: endToEndId(),
      });
      const outcome = await producer.outcome(paymentId, paymentOutcomes, steps.limitMs);
      if (isOf(outcome, messages.paymentCaptured)) return;
      const { code } = outcome.claims.data as { code?: string };
      throw new StepError(
        `the outcome of ${paymentId} is ${outcome.claims.type}${code === undefined ? '' : ` for ${code}`}`,
      );
    };
    const isPaid = await steps.run('kafka.order', async () => {
      await pay(accounts);
      return true;
    });
    if (isPaid === true)
      await steps.run('kafka.return', () => pay({ payer: accounts.payee, payee: accounts.payer }));
    else steps.skip(['kafka.return'], 'kafka.order');
  } finally {
    await connecting.producer?.close();
  }
}
