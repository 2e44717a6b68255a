import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { coreServices, type CoreServiceName } from '@tallystick/contracts';
import { contractsOf } from '@tallystick/interfaces';
import { sourceFlags, stackFilePath, TALLYSTICK, writeStackFile } from '@tallystick/stack';
import pg from 'pg';
import { grantMandate } from '../src/story/accounts.ts';
import { checkBooks } from '../src/story/books.ts';
import { payByProducer, payOverHttp } from '../src/story/payments.ts';
import { eventually, startWholeSystem, type RunningSystem } from './system.ts';

const TIMEOUT_MS = 120_000;
const ROOT = join(import.meta.dirname, '..', '..', '..');
let running: RunningSystem;

beforeAll(async () => {
  running = await startWholeSystem({ tls: true });
}, TIMEOUT_MS);

afterAll(async () => {
  await running.stop();
}, TIMEOUT_MS);

const addressOf = (service: CoreServiceName): { host: string; port: number } => {
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

  test.each(coreServices)('serves %s over TLS 1.3 with a certificate of the authority', async (service) => {
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
      [coreServices],
    );
    await client.end();
    expect(rows).toEqual([{ ssl: true, connections: expect.any(Number) }]);
    expect(rows[0]!.connections).toBeGreaterThanOrEqual(coreServices.length);
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

describe('a release that wants to go live', () => {
  /** Runs a program from sources. @returns its exit status and output */
  async function run(
    file: string,
    args: readonly string[],
    env: Record<string, string | undefined>,
  ): Promise<{ status: number; output: string }> {
    const child = spawn(file, args, { env: { ...env, PATH: process.env['PATH'], NODE_OPTIONS: '' } });
    const [stdout, stderr, [status]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close') as Promise<[number]>,
    ]);
    return { status, output: stdout + stderr };
  }

  const canDeploy = (release: string, directory = running.directory): ReturnType<typeof run> =>
    run(TALLYSTICK, ['contracts', 'can-deploy', '--directory', directory, '--json', release], {});

  beforeAll(() => writeStackFile(stackFilePath(running.directory), running.world.stack));

  /** Writes the contracts of a service whose command to the ledger has a field that the ledger refuses. */
  async function strangeRelease(): Promise<string> {
    const contracts = structuredClone(contractsOf('payment'));
    const { data } = contracts.messages['account.hold.place@1']!;
    Object.assign(data['properties'] as object, { purpose: { type: 'string' } });
    const path = join(running.directory, 'strange.json');
    await writeFile(path, JSON.stringify(contracts));
    return path;
  }

  test.each(coreServices)(
    'is told by %s, with no other rights than those of the service',
    async (service) => {
      const main = join(ROOT, 'services', service, 'src/main.ts');
      const asked = await run(
        process.execPath,
        [...sourceFlags, main, '--can-deploy'],
        running.environments.get(service)!,
      );
      expect(asked).toEqual({
        status: 0,
        output: expect.stringMatching(
          new RegExp(`^${service}, release [0-9a-f]{12}, runs already and may be started again.`),
        ),
      });
    },
    TIMEOUT_MS,
  );

  test(
    'may, if it is this checkout',
    async () => {
      const { status, output } = await canDeploy(`card@${ROOT}`);
      expect({ status, ...(JSON.parse(output) as object) }).toMatchObject({
        status: 0,
        service: 'card',
        canDeploy: true,
        conflicts: [],
        unknown: [],
      });
    },
    TIMEOUT_MS,
  );

  test(
    'may not, if the ledger refuses its command; the answer says why and what to do instead',
    async () => {
      const { status, output } = await canDeploy(`payment@${await strangeRelease()}`);
      expect({ status, ...(JSON.parse(output) as object) }).toMatchObject({
        status: 1,
        canDeploy: false,
        conflicts: [
          {
            interface: 'message account.hold.place',
            version: 1,
            field: '/data/purpose',
            kind: 'message.not_read',
            hurts: 'this release of payment',
            instead: expect.stringMatching(/^Deploy first a release of the reader/),
          },
        ],
      });
    },
    TIMEOUT_MS,
  );

  test.each([
    ['a service that does not exist', 'ledger@.', /must be <service>@<image or folder>/],
    ['no release', 'payment', /must be <service>@<image or folder>/],
    ['a folder without the service', `payment@${tmpdir()}`, /holds no payment service: name a checkout/],
    [
      'a file that holds no contracts',
      `payment@${join(ROOT, 'package.json')}`,
      /holds no contracts of a service/,
    ],
  ])(
    'is refused with status 2: %s',
    async (_what, release, message) => {
      const { status, output } = await canDeploy(release);
      expect({ status, output }).toEqual({ status: 2, output: expect.stringMatching(message) });
    },
    TIMEOUT_MS,
  );

  test(
    'is refused with status 2 if it is not the named service',
    async () => {
      const { status, output } = await canDeploy(`card@${await strangeRelease()}`);
      expect({ status, output }).toEqual({
        status: 2,
        output: expect.stringMatching(/holds the contracts of payment, not of card/),
      });
    },
    TIMEOUT_MS,
  );

  test(
    'is refused with status 2 if there is no stack to ask',
    async () => {
      const { status, output } = await canDeploy('card@.', tmpdir());
      expect({ status, output }).toEqual({ status: 2, output: expect.stringMatching(/run npm run stack/) });
    },
    TIMEOUT_MS,
  );
});

/** Returns the handshake of a service with a client that trusts only the authority of the system. */
async function handshake(
  service: CoreServiceName,
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
