import { countMessage, countRequest, recordOutboxAge } from '../src/index.ts';

/** Records some metrics, reads them as Prometheus does, and prints them. */
recordOutboxAge(3);
countMessage('payment.commands.v1', 'payment.create', 'handled');
countRequest({ id: 'payment.create', version: 2, method: 'POST', route: '/v2/payments' })({
  status: 201,
  code: undefined,
  client: 'wallet',
});
const address = `http://127.0.0.1:${process.env['OTEL_EXPORTER_PROMETHEUS_PORT']}/metrics`;
try {
  const answer = await fetch(address, { signal: AbortSignal.timeout(2_000) });
  process.stdout.write(await answer.text());
} catch {
  process.stdout.write('not served\n');
}
