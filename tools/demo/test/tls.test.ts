import { copyFileSync } from 'node:fs';
import { connect } from 'node:tls';
import { get } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { services, type ServiceName } from '@tallystick/contracts';
import pg from 'pg';
import { grantMandate } from '../src/story/accounts.ts';
import { checkBooks } from '../src/story/books.ts';
import { payByProducer, payOverHttp } from '../src/story/payments.ts';
import { eventually, startWholeSystem, type RunningSystem } from './system.ts';

const TIMEOUT_MS = 120_000;
let running: RunningSystem;

beforeAll(async () => {
  running = await startWholeSystem({ tls: true });
}, TIMEOUT_MS);

afterAll(async () => {
  await running.stop();
}, TIMEOUT_MS);

const addressOf = (service: ServiceName): { host: string; port: number } => {
  const { hostname, port } = new URL(running.world.stack.services[service]);
  return { host: hostname, port: Number(port) };
};

describe('a system with private transport', () => {
  test(
    'accepts payments over HTTPS and from a producer with its own user of Kafka',
    async () => {
      const { world } = running;
      await grantMandate(world);
      await payOverHttp(world);
      await payByProducer(world);
      await checkBooks(world);
      expect(world.narrator.broken).toBe(0);
      expect(world.narrator.held).toBeGreaterThan(3);
    },
    TIMEOUT_MS,
  );

  test.each(services)('serves %s over TLS 1.3 with a certificate of the authority', async (service) => {
    const { protocol, subject } = await handshake(service);
    expect({ protocol, subject }).toEqual({ protocol: 'TLSv1.3', subject: service });
  });

  test('refuses HTTP without TLS', async () => {
    const { host, port } = addressOf('payment');
    const fault = await new Promise<Error>((resolve, reject) => {
      get({ host, port, path: '/health/live' }, (response) => {
        reject(new Error(`answered with ${response.statusCode}`));
      }).once('error', resolve);
    });
    expect(fault.message).toMatch(/hang up|ECONNRESET/);
  });

  test('connects to Postgres by TLS only', async () => {
    const client = new pg.Client({ connectionString: running.backing.postgres.url });
    await client.connect();
    const { rows } = await client.query<{ ssl: boolean; connections: number }>(
      `SELECT ssl, count(*)::int AS connections FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
       WHERE application_name = ANY ($1) GROUP BY ssl`,
      [services],
    );
    await client.end();
    expect(rows).toEqual([{ ssl: true, connections: expect.any(Number) }]);
    expect(rows[0]!.connections).toBeGreaterThanOrEqual(services.length);
  });

  test(
    'serves a replaced certificate without interruption',
    async () => {
      const { security } = running.backing;
      const before = await handshake('card');
      const renewed = await security!.authority.certify('card-renewed', ['127.0.0.1'], Date.now());
      const files = { certificateFile: renewed.certificateFile, keyFile: renewed.keyFile };
      copyFileSync(files.keyFile, files.keyFile.replace('card-renewed', 'card'));
      copyFileSync(files.certificateFile, files.certificateFile.replace('card-renewed', 'card'));
      const after = await eventually(
        () => handshake('card'),
        ({ fingerprint }) => fingerprint !== before.fingerprint,
      );
      expect(after.subject).toBe('card-renewed');
      const response = await fetch(`${running.world.stack.services.card}/health/ready`);
      expect(response.status).toBe(200);
    },
    TIMEOUT_MS,
  );
});

/** Returns the handshake of a service with a client that trusts only the authority of the system. */
async function handshake(
  service: ServiceName,
): Promise<{ protocol: string | null; subject: string; fingerprint: string }> {
  const { host, port } = addressOf(service);
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port }, () => {
      const { subject, fingerprint256 } = socket.getPeerCertificate();
      socket.end();
      resolve({ protocol: socket.getProtocol(), subject: String(subject.CN), fingerprint: fingerprint256 });
    });
    socket.once('error', reject);
  });
}
