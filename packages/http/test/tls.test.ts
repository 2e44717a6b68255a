import { webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
// A dependency of the library requires it without declaring it.
// oxlint-disable-next-line import/no-unassigned-import -- imported for its additions to Reflect
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { createServer } from '../src/tls.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
/** Longer than the server takes to see a replaced file. */
const SEEN_MS = 10_000;

let directory: string;
let server: Server;
let faults: unknown[];
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tallystick-tls-'));
  for (const name of ['tls.crt', 'tls.key']) symlinkSync(`..data/${name}`, join(directory, name));
  mount(await certify('first'));
  faults = [];
  server = createServer(
    (_request, response) => response.end(),
    { certificateFile: join(directory, 'tls.crt'), keyFile: join(directory, 'tls.key') },
    (error) => faults.push(error),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  server.close();
  await once(server, 'close');
  rmSync(directory, { recursive: true });
});

interface Files {
  'tls.crt': string;
  'tls.key': string;
}

async function certify(name: string): Promise<Files> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    notBefore: new Date(Date.now() - 3_600_000),
    notAfter: new Date(Date.now() + 3_600_000),
    signingAlgorithm: ALGORITHM,
    keys,
  });
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    'tls.crt': certificate.toString('pem'),
    'tls.key': x509.PemConverter.encode(key, 'PRIVATE KEY'),
  };
}

/** Replaces both files in one step, as the kubelet does: a link to their folder gets another target. */
function mount(files: Files): void {
  const folder = `..${Math.random()}`;
  mkdirSync(join(directory, folder));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, folder, name), content);
  symlinkSync(folder, join(directory, '..next'));
  renameSync(join(directory, '..next'), join(directory, '..data'));
}

/** Returns the version of TLS of a new connection, and the name in the server's certificate. */
async function greet(): Promise<{ version: string | null; name: string }> {
  const { port } = server.address() as AddressInfo;
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const greeted = {
    version: socket.getProtocol(),
    name: String(socket.getPeerCertificate().subject.CN),
  };
  socket.destroy();
  return greeted;
}

async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  const late = Date.now() + SEEN_MS;
  while (!(await holds())) {
    if (Date.now() > late) throw new Error('did not happen in time');
    await delay(100);
  }
}

describe('the HTTP server of a service', () => {
  test('serves TLS 1.3 with its certificate', async () => {
    expect(await greet()).toEqual({ version: 'TLSv1.3', name: 'first' });
  });

  test('accepts no older version of TLS, and no plain text', async () => {
    const { port } = server.address() as AddressInfo;
    const old = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, maxVersion: 'TLSv1.2' });
    await expect(once(old, 'secureConnect')).rejects.toMatchObject({
      code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
    });
    await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow('fetch failed');
  });

  test('uses a certificate that is replaced as the kubelet replaces a mounted Secret', async () => {
    mount(await certify('second'));
    await until(async () => (await greet()).name === 'second');
    expect(faults).toEqual([]);
  });

  test('keeps its certificate if the new one has another key', async () => {
    mount({ ...(await certify('third')), 'tls.key': (await certify('fourth'))['tls.key'] });
    await until(() => faults.length > 0);
    expect((await greet()).name).toBe('first');
  });
});
