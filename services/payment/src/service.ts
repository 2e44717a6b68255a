import { subscriptions } from '@tallystick/messaging';
import { openService, serverCertificate } from '@tallystick/service';
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

/** Starts the payment service, which runs the saga of each payment. */
export async function startPayment(config: PaymentConfig): Promise<{ port: number; stop(): Promise<void> }> {
  const nowMs = Date.now;
  const {
    edge,
    logger,
    messaging,
    pool,
    replay: replayOwn,
    stop,
  } = await openService('payment', config, {
    schema: paymentSchema,
  });

  await replayOwn(replay(nowMs));

  paymentRoutes(edge, pool, new OutcomeWaiter(pool, logger), nowMs);
  const steps = stepsOfPayments({ storeOf: paymentStore, nowMs });
  await messaging.consume(
    subscriptions('payment', {
      'payment.commands.v1': paymentCommands(steps),
      'account.events.v1': accountEvents(steps, noteAccountOwners(paymentStore), noteMandates(paymentStore)),
      'card.events.v1': cardEvents(steps),
    }),
  );
  const port = await edge.listen(config.PORT, config.LISTEN_HOST, serverCertificate(config));
  logger.info({ port }, 'service.ready');
  return { port, stop };
}
