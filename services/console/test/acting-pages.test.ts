import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { operations } from '@tallystick/contracts';
import { ApiClient, newDpopKey, signIn } from '@tallystick/demo';
import { createPool, type Pool } from '@tallystick/postgres';
import { CUSTOMER_CLIENT } from '@tallystick/stack';
import { csvField } from '../src/http/pages/audit/export.ts';
import { Browser } from '@tallystick/pages/testing';
import { runConsole, type StartedConsole } from './running-console.ts';

let running: StartedConsole;
let pool: Pool;
let customer: ApiClient;
let customerId: string;
let accountId: string;
let olivia: Browser;
beforeAll(async () => {
  running = await runConsole();
  const { services, customers, postgres } = running.system.stackFile;
  pool = createPool({ url: postgres.console!, applicationName: 'test' });
  const [one] = customers;
  customerId = String(one!['id']);
  const dpopKey = await newDpopKey();
  const { tokens } = await signIn({
    authUrl: services.auth,
    clientId: CUSTOMER_CLIENT,
    redirectUri: 'http://127.0.0.1/callback',
    email: one!.email,
    password: one!.password,
    scope: 'openid accounts:read accounts:write transfers:write',
    dpopKey,
  });
  customer = new ApiClient(services, tokens.accessToken, dpopKey);
  ({ accountId } = (await customer.call(operations.accountOpen, { body: { currency: 'EUR' } })).body);
  olivia = new Browser('everywhere');
  await running.signIn(olivia);
}, 120_000);
afterAll(async () => {
  await pool?.end();
  await running?.stop();
});

const open = (path: string, browser = olivia) => browser.open(running.url + path);

describe('the page of an account', () => {
  test('is found by the account, and by its owner', async () => {
    expect((await open(`/find?id=${accountId}`)).url.pathname).toBe(`/accounts/${accountId}`);
    const { body } = await open(`/accounts?of=${customerId}`);
    expect(body).toContain(accountId);
    expect(body).toContain('Balanced');
  });

  test('says where else to look if there is none', async () => {
    const shown = await open('/accounts/acc_none');
    expect(shown.status).toBe(404);
    expect(shown.body).toContain('Where else to look');
  });

  test('freezes it with a reason, which is kept with the act, under the operator’s name', async () => {
    const reason = 'reported stolen\r\nforged line';
    const page = await open(`/accounts/${accountId}`);
    const done = await olivia.submit(page, accountId, { reason });
    expect(done.body).toContain('The account is frozen');
    const { body } = await customer.call(operations.accountGet, { params: { accountId } });
    expect(body.status).toBe('frozen');
    const { rows } = await pool.query<{ operator_id: string; reason: string; outcome: string }>(
      'SELECT operator_id, reason, outcome FROM act WHERE object = $1',
      [accountId],
    );
    expect(rows).toEqual([
      { operator_id: running.operator('Olivia').id, reason: 'reported stolen forged line', outcome: 'done' },
    ]);
    const audit = await open(`/audit?service=account&object=${accountId}&action=account.freeze`);
    expect(audit.body).toContain(running.operator('Olivia').id);
  });

  test('does nothing without a reason', async () => {
    const page = await open(`/accounts/${accountId}`);
    const shown = await olivia.submit(page, accountId, { reason: ' ' });
    expect(shown.body).toContain('Nothing was done');
  });

  test('is not acted on by somebody without the role, whatever form is sent', async () => {
    const theo = new Browser('everywhere');
    await running.signIn(theo, 'Theo');
    const page = await open(`/accounts/${accountId}`, theo);
    expect(page.body).not.toContain('Unfreeze');
    const forged = `<form method="post" action="/accounts/${accountId}"><input name="act" /><input name="reason" /></form>`;
    const form = { ...page, body: forged };
    const refused = await theo.submit(form, accountId, { act: 'unfreeze', reason: 'mine' });
    expect(refused.status).toBe(403);
    expect(refused.body).toContain('<strong>support</strong>');
    const { body } = await customer.call(operations.accountGet, { params: { accountId } });
    expect(body.status).toBe('frozen');
  });
});

describe('the page of a party', () => {
  test('shows the keys of a third party with their permissions', async () => {
    const { body } = await open('/parties/acme');
    expect(body).toContain('payment.create');
    expect(body).toContain('Revoke this key');
  });

  test('disables a client, which is refused within two seconds, and enables it again', async () => {
    const page = await open('/parties/demo-app');
    const shown = await olivia.submit(page, 'demo-app', { reason: 'a test' });
    expect(shown.body).toContain('The client is disabled.');
    const endMs = performance.now() + 2_000;
    let status = 200;
    while (status === 200 && performance.now() < endMs)
      status = (await customer.request(operations.accountList, undefined)).status;
    expect(status).toBe(401);
    const enabled = await olivia.submit(shown, 'demo-app', { reason: 'a test' });
    expect(enabled.body).toContain('The client is enabled.');
  });

  test('invites a third party with a code that is shown once', async () => {
    const page = await open('/parties/enrol?producer=new-shop');
    const shown = await olivia.submit(page, '/parties/enrol', {
      type: 'payment.commands.v1 payment.create',
      reason: 'a new customer',
    });
    expect(shown.body).toContain('Give this code to the third party');
    const { rows } = await pool.query('SELECT reason FROM act WHERE object = $1', ['new-shop']);
    expect(rows).toEqual([{ reason: 'a new customer' }]);
  });
});

describe('the audit', () => {
  test('is written to a file by each service', async () => {
    const { body, headers } = await open('/audit/export?format=jsonl&service=auth&action=auth.sign_in');
    expect(headers.get('content-disposition')).toBe('attachment; filename="audit.jsonl"');
    const entries = body
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { action: string; service: string });
    expect(entries.length).toBeGreaterThan(0);
    expect(new Set(entries.map(({ action, service }) => `${service} ${action}`))).toEqual(
      new Set(['auth auth.sign_in']),
    );
    const csv = await open('/audit/export?format=csv&service=console');
    expect(csv.body.split('\r\n')[0]).toBe(
      'service,seq,occurredAt,actor,clientId,action,object,reason,outcome,traceId,entryId,hash',
    );
  });

  test.each([
    ['=cmd()', "'=cmd()"],
    ['a,b', '"a,b"'],
    ['say "it"', '"say ""it"""'],
    ['line\r\nline', '"line\r\nline"'],
    [undefined, ''],
  ])('writes the field %j so that it stays one and is no formula', (value, field) => {
    expect(csvField(value)).toBe(field);
  });

  test('is verified: every chain fits', async () => {
    const page = await open('/audit/chains');
    const { body } = await olivia.submit(page, '/audit/chains');
    expect(body.match(/class="badge (?:good">intact|plain">no entries)/g)).toHaveLength(5);
    expect(body).not.toContain('not intact');
  });
});

describe('the page of policy', () => {
  test('shows the settings in force of each service, and no secret', async () => {
    const { body } = await open('/policy');
    for (const service of ['auth', 'account', 'card', 'payment', 'console'])
      expect(body).toContain(`Settings of ${service}`);
    expect(body).toContain('REQUESTS_PER_SECOND_MAX');
    const { postgres } = running.system.stackFile;
    for (const url of Object.values(postgres)) expect(body).not.toContain(new URL(url!).password);
  });
});

describe('an operator', () => {
  test('whose access ends is led to the sign-in, within two seconds', async () => {
    const tessa = new Browser('everywhere');
    await running.signIn(tessa, 'Tessa');
    const page = await open(`/parties/${running.operator('Tessa').id}`);
    const form = { ...page, body: page.body.slice(page.body.indexOf('value="end-sessions"') - 300) };
    await olivia.submit(form, running.operator('Tessa').id, { act: 'end-sessions', reason: 'a test' });
    const endMs = performance.now() + 2_000;
    let shown = await open('/accounts', tessa);
    while (shown.url.origin === running.url && performance.now() < endMs)
      shown = await open('/accounts', tessa);
    expect(shown.body).toContain('<h1>Sign in</h1>');
  });
});
