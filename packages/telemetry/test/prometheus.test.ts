import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from '@jest/globals';

/** The flags by which this process runs from sources. */
const FLAGS = process.execArgv.filter((flag) => /^--(conditions|disable-warning)=/.test(flag));
const REGISTER = join(import.meta.dirname, '../src/register.ts');
const PROGRAM = join(import.meta.dirname, 'measured-program.ts');

/** Runs a program that records some metrics and prints them as Prometheus reads them. */
async function metricsAt(port: number): Promise<{ printed: string; warned: string }> {
  const child = spawn(process.execPath, [...FLAGS, `--import=${REGISTER}`, PROGRAM], {
    env: {
      PATH: process.env['PATH'],
      OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
      OTEL_SERVICE_NAME: 'measured',
    },
  });
  const [printed, warned] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { printed, warned };
}

async function listening(): Promise<{ port: number; close: () => Promise<unknown> }> {
  const server = createServer((socket) => socket.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    close: () => {
      server.close();
      return once(server, 'close');
    },
  };
}

test('serves metrics to Prometheus, with the unit at the end of their names', async () => {
  const { port, close } = await listening();
  await close();
  const { printed } = await metricsAt(port);
  const lines = printed.split('\n');
  expect(lines).toContain('tallystick_outbox_age_seconds 3');
  expect(lines).toContain('# TYPE http_server_request_duration_seconds histogram');
  expect(lines).toContain(
    'http_server_request_duration_seconds_count{http_request_method="POST",tallystick_interface="payment.create",tallystick_version="2",http_route="/v2/payments",http_response_status_code="201",tallystick_client="wallet"} 1',
  );
  expect(lines.filter((line) => line.startsWith('tallystick_messages_total'))).toHaveLength(1);
  expect(printed).toMatch(/^target_info\{service_name="measured"/m);
});

test('goes on without metrics if their port is taken, and says so', async () => {
  const { port, close } = await listening();
  const { printed, warned } = await metricsAt(port);
  await close();
  expect(printed).toMatch(/^not served/m);
  expect(warned).toMatch(/OTEL_EXPORTER_PROMETHEUS_PORT: metrics are not served \(.*EADDRINUSE/);
});
