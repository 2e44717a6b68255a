import { createInterface } from 'node:readline';
import {
  countDeprecated,
  countMessage,
  countRequest,
  recordImbalance,
  recordKey,
  recordLag,
  recordLedgerCheck,
  recordOutboxAge,
  recordProcessed,
  recordSnapshot,
} from '@tallystick/telemetry';

/**
 * Records metrics as a service does, while the test reads them: for each line of standard input, so many requests of each
 * kind as it says.
 */
const NOW_S = 1_800_000_000;

function request(status: number, code: string | undefined, client: string): void {
  countRequest({ id: 'payment.create', version: 2, method: 'POST', route: '/v2/payments' })({
    status,
    code,
    client,
  });
}

for await (const line of createInterface({ input: process.stdin })) {
  const count = Number(line);
  for (let at = 0; at < count; at += 1) {
    for (let nth = 0; nth < 7; nth += 1) request(202, undefined, 'wallet');
    request(409, 'ledger.insufficient_funds', 'wallet');
    request(202, undefined, 'shop');
    request(500, 'internal', 'shop');
    for (const durationS of [0.02, 0.02, 0.02, 4])
      recordProcessed(
        { topic: 'payment.commands.v1', type: 'payment.create', version: 1, sender: 'acme' },
        durationS,
      );
    countMessage('payment.commands.v1', 'payment.create', 'handled', 3);
    countMessage('payment.commands.v1', 'payment.create', 'envelope.key_unknown');
    countDeprecated({ interface: 'payment.create', version: 1, by: 'acme' });
  }
  recordLag('payment.commands.v1', 0, 3);
  recordLag('payment.commands.v1', 1, 4);
  recordOutboxAge(1.5);
  recordImbalance('balances', 'EUR', 0n);
  recordImbalance('holds', 'SEK', 250n);
  recordLedgerCheck(NOW_S * 1_000);
  recordKey('signing', { iat: NOW_S - 60, exp: NOW_S + 3_600 }, NOW_S);
  recordSnapshot(42);
  process.stdout.write('recorded\n');
}
