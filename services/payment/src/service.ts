import { openService, serverCertificate } from '@tallystick/service';
import type { PaymentConfig } from './config.ts';
import { OutcomeWaiter } from './http/outcome-waiter.ts';
import { paymentRoutes } from './http/payment-routes.ts';
import { answers } from './messages/answers.ts';
import { paymentCommands } from './messages/payment-commands.ts';
import { recollection } from './messages/recollection.ts';
import { paymentSchema } from './store/schema.ts';

/** Starts the payment service: the saga that takes a payment from its order to its end. */
export async function startPayment(config: PaymentConfig): Promise<{ port: number; stop(): Promise<void> }> {
  const nowMs = Date.now;
  const { edge, logger, messaging, pool, stop } = await openService('payment', config, {
    schema: paymentSchema,
  });

  await messaging.recall(recollection(nowMs));

  paymentRoutes(edge, pool, new OutcomeWaiter(pool, logger), nowMs);
  await messaging.consume({
    'payment.commands.v1': paymentCommands(nowMs),
    'account.events.v1': answers(nowMs),
    'card.events.v1': answers(nowMs),
  });
  const port = await edge.listen(config.PORT, config.LISTEN_HOST, serverCertificate(config));
  logger.info({ port }, 'payment is ready');
  return { port, stop };
}
