import { subscriptions } from '@tallystick/messaging';
import { repeat } from '@tallystick/postgres';
import type { Logger } from '@tallystick/telemetry';
import { openService, serverCertificate } from '@tallystick/service';
import { askForOutcomes, type Unanswered } from './app/ask-for-outcomes.ts';
import { sweeps } from './app/sweeps.ts';
import type { PaymentConfig } from './config.ts';
import { OutcomeWaiter } from './http/outcome-waiter.ts';
import { paymentRoutes } from './http/payment-routes.ts';
import { accountEvents } from './messages/account-events.ts';
import { cardEvents } from './messages/card-events.ts';
import { noteAccountOwners } from './messages/note-account-owners.ts';
import { noteMandates } from './messages/note-mandates.ts';
import { paymentCommands } from './messages/payment-commands.ts';
import { replay } from './messages/replay.ts';
import { stepsOfPayments } from './messages/take-asked-steps.ts';
import { paymentStore } from './store/payment-store.ts';
import { paymentSchema } from './store/schema.ts';
import { unansweredStore } from './store/unanswered.ts';

const ASK_INTERVAL_MS = 10_000;

/** Starts the payment service, which runs the saga of each payment. */
export async function startPayment(config: PaymentConfig): Promise<{ port: number; stop(): Promise<void> }> {
  const nowMs = Date.now;
  const {
    edge,
    logger,
    messaging,
    pool,
    edgePool,
    replay: replayOwn,
    stop,
  } = await openService('payment', config, {
    schema: paymentSchema,
  });

  await replayOwn(replay(nowMs));

  paymentRoutes(edge, pool, new OutcomeWaiter(edgePool, logger), nowMs);
  const steps = stepsOfPayments({ storeOf: paymentStore, nowMs });
  await messaging.consume(
    subscriptions('payment', {
      'payment.commands.v1': paymentCommands(steps),
      'account.events.v1': accountEvents(steps, noteAccountOwners(paymentStore), noteMandates(paymentStore)),
      'card.events.v1': cardEvents(steps),
    }),
  );
  const asking = repeat(
    ASK_INTERVAL_MS,
    () =>
      messaging.outbox.transaction((tx, send) =>
        askForOutcomes(unansweredStore(tx), send, sweeps, (one) => reportUnanswered(logger, one), nowMs()),
      ),
    (fault) => logger.warn({ err: fault }, 'payment.asking_for_outcomes_failed'),
  );
  const port = await edge.listen(config.PORT, config.LISTEN_HOST, serverCertificate(config));
  logger.info({ port }, 'service.ready');
  return {
    port,
    async stop() {
      await asking.stop();
      await stop();
    },
  };
}

/** Tells the operator of a payment that the ledger or the card service never answered. */
function reportUnanswered(logger: Logger, { payment, movement }: Unanswered): void {
  const { paymentId, status } = payment;
  logger.error({ paymentId, status, transferId: movement?.transferId }, 'payment.unanswered');
}
