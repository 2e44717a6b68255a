import { operations, type Client } from '@tallystick/client';
import { newJti } from '@tallystick/contracts';
import { PROBE_MINOR, type OwnAccounts } from './accounts.ts';
import type { ProbeSettings } from './settings.ts';
import { StepError, type Steps } from './steps.ts';

/** The longest wait for an outcome that the services offer, in seconds. */
const WAIT_MAX_S = 30;

/** Pays from one account of the probe to the other and back, and reads the payment. */
export async function payOverHttp(
  steps: Steps,
  client: Client,
  accounts: OwnAccounts,
  settings: ProbeSettings,
): Promise<void> {
  const waitS = Math.min(WAIT_MAX_S, Math.max(1, Math.floor(steps.limitMs / 1_000)));
  const pay = async ({ payer, payee }: OwnAccounts, signal: AbortSignal): Promise<string> => {
    const { body } = await client.call(operations.createPayment, {
      body: {
        source: { kind: 'account', accountId: payer },
        payee: { kind: 'account', accountId: payee },
        amountMinor: PROBE_MINOR,
        currency: settings.currency,
        endToEndId: endToEndId(),
      },
      waitS,
      signal,
    });
    requireCaptured(body);
    return body.paymentId;
  };
  const paymentId = await steps.run('http.payment', (signal) => pay(accounts, signal));
  if (paymentId === undefined) {
    steps.skip(['http.payment.read', 'http.return'], 'http.payment');
    return;
  }
  await steps.run('http.payment.read', async (signal) => {
    const { body } = await client.call(operations.getPayment, { params: { paymentId }, signal });
    requireCaptured(body);
  });
  await steps.run('http.return', (signal) => pay({ payer: accounts.payee, payee: accounts.payer }, signal));
}

/** Names an order of the probe. */
export function endToEndId(): string {
  return `PROBE-${newJti().slice(-12)}`;
}

function requireCaptured({
  paymentId,
  status,
  code,
}: {
  paymentId: string;
  status: string;
  code?: string | undefined;
}): void {
  if (status !== 'captured')
    throw new StepError(`the payment ${paymentId} is ${status}${code === undefined ? '' : ` for ${code}`}`);
}
