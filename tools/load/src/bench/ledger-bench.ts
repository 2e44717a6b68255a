import { ROOT_CONTEXT } from '@opentelemetry/api';
import { messages, newId, transferIdOfOrder } from '@tallystick/contracts';
import { createKafka, Publisher, recordOf, type OutgoingRecord } from '@tallystick/messaging';
import { createDatabase } from '@tallystick/postgres';
import { importSigningKey, loadPrivateJwk, seal, type SigningKey } from '@tallystick/security';
import {
  kafkaOf,
  THIRD_PARTY,
  startSystem,
  stopOnExit,
  until,
  type BackingServices,
} from '@tallystick/stack';
import { createLogger } from '@tallystick/telemetry';
import { readOutcomes } from '../orders/outcome-reader.ts';
import { CURRENCY, openAccounts, type Parties } from '../setup/accounts.ts';
import { signPeopleIn } from '../setup/people.ts';
import { measurePostgresLimit } from '../system/postgres-limit.ts';
import type { Bench } from './rates.ts';

const ACCOUNTS = 100;
const TRANSFERS = 3_000;
const LIMIT_S = 2;
const WITHIN_MS = 90_000;
const COMMANDS = 'account.commands.v1';
const EVENTS = 'account.events.v1';

interface Keys {
  service: SigningKey;
  producer: SigningKey;
}

/**
 * Measures the account service alone, from commands to events, each transfer with its evidence. Limit: Postgres, one
 * transfer per transaction.
 */
export function ledgerBench(
  services: () => Promise<{ backing: BackingServices; directory: string; say: (line: string) => void }>,
): Bench {
  return {
    name: 'ledger',
    summary:
      'transfers by the account service, from command to event; limit: Postgres with one transfer per transaction',
    async run(use) {
      const { backing, directory, say } = await services();
      const system = await startSystem(backing, { directory, progress: say, code: 'built' });
      const unregister = stopOnExit(() => system.stop());
      const { stackFile: stack } = system;
      const logger = createLogger({ service: 'bench', level: 'silent', confidentialFields: [] });
      const kafka = createKafka({ ...kafkaOf(stack), clientId: 'bench', logger });
      const topicPrefix = stack.kafka.topicPrefix ?? '';
      let posted = 0;
      const publisher = await Publisher.connect(kafka);
      const reader = await readOutcomes(kafka, topicPrefix + EVENTS, ({ type }) => {
        if (type === messages.transferPosted.type) posted += 1;
        if (type === messages.transferRejected.type) throw new Error('the ledger rejected a transfer');
      });
      try {
        const people = await signPeopleIn(stack);
        const parties = await openAccounts(people, { accounts: ACCOUNTS, mix: 'account', say });
        // Otherwise they would respond to the events.
        await Promise.all([system.processes.payment.stop(), system.processes.card.stop()]);
        const keys = await keysOf(
          stack.serviceKeys.payment,
          stack.producers.find(({ id }) => id === THIRD_PARTY)!.privateJwk,
        );
        await use([
          {
            name: 'ledger, command to event',
            unit: 'transfers/s',
            async round() {
              const records = await commands(parties, keys, topicPrefix);
              const target = posted + TRANSFERS;
              const began = performance.now();
              await publisher.publish(records);
              if (!(await until(() => posted >= target, WITHIN_MS, 5)))
                throw new Error(`${target - posted} transfers were not posted within ${WITHIN_MS} ms`);
              return (TRANSFERS * 1000) / (performance.now() - began);
            },
            limit: {
              what: 'Postgres, one transfer per transaction',
              round: () => limitOf(backing.postgres.url),
            },
          },
        ]);
      } finally {
        await Promise.all([publisher.disconnect(), reader.stop()]);
        await system.stop();
        unregister();
      }
    },
  };
}

async function keysOf(serviceFile: string, producerFile: string): Promise<Keys> {
  const [service, producer] = await Promise.all(
    [serviceFile, producerFile].map(async (file) => importSigningKey(await loadPrivateJwk(file))),
  );
  return { service: service!, producer: producer! };
}

/** Measures the transfers per second that a Postgres posts, one per transaction, for a short time. */
export async function limitOf(adminUrl: string): Promise<number> {
  const database = await createDatabase(adminUrl);
  try {
    return (await measurePostgresLimit(database.url, LIMIT_S)).transfersPerSecond;
  } finally {
    await database.drop();
  }
}

/** Creates the commands that the payment service would send for orders of the third party. */
function commands(parties: Parties, keys: Keys, topicPrefix: string): Promise<OutgoingRecord[]> {
  const nowMs = Date.now();
  return Promise.all(
    Array.from({ length: TRANSFERS }, async (_, at) => {
      const { payerAccountIds, merchantAccountIds } = parties;
      const order = {
        paymentId: newId('pay'),
        amountMinor: BigInt(1 + (at % 5_000)),
        currency: CURRENCY,
      };
      const payeeAccountId = merchantAccountIds[at % merchantAccountIds.length]!;
      const accountId = payerAccountIds[at % payerAccountIds.length]!;
      const evidence = await seal(
        messages.paymentCreate,
        {
          ...order,
          source: { kind: 'account', accountId },
          payee: { kind: 'account', accountId: payeeAccountId },
          capture: 'automatic',
          capturedBy: 'initiator',
          endToEndId: `INVOICE-${at}`,
        },
        {
          issuer: THIRD_PARTY,
          signingKey: keys.producer,
          topic: `${topicPrefix}payment.commands.v1`,
          nowMs,
        },
      );
      const { paymentId, amountMinor, currency } = order;
      const command = await seal(
        messages.transferCreate,
        {
          transferId: transferIdOfOrder(paymentId),
          debitAccountId: accountId,
          creditAccountId: payeeAccountId,
          amountMinor,
          currency,
          paymentId,
          refund: false,
          evidence: { kind: 'order', envelope: evidence.value },
        },
        { issuer: 'payment', signingKey: keys.service, topic: topicPrefix + COMMANDS, nowMs },
      );
      return recordOf(command, ROOT_CONTEXT);
    }),
  );
}
