import { messages, type ServiceName } from '@tallystick/contracts';
import { contractsOf, encodeContracts, type EncodedContracts } from '@tallystick/interfaces';
import type { Messaging } from '@tallystick/messaging';

const declared = {
  auth: messages.authContractsDeclared,
  account: messages.accountContractsDeclared,
  card: messages.cardContractsDeclared,
  payment: messages.paymentContractsDeclared,
  console: messages.consoleContractsDeclared,
} as const;

/** Tells on the service's topic, signed, which interfaces this release offers, sends and handles. Call it before consuming. */
export async function declareContracts(
  service: ServiceName,
  { outbox }: Pick<Messaging, 'outbox'>,
  nowMs: number,
  { releaseId, contracts }: EncodedContracts = encodeContracts(contractsOf(service)),
): Promise<void> {
  const data = { service, releaseId, contracts, declaredAt: new Date(nowMs).toISOString() };
  await outbox.transaction(async (_tx, send) => send(declared[service], data as never));
}
