import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId, newJti, operations, quarantineHeaders, quarantineOf } from '@tallystick/contracts';
import type { Publisher } from '@tallystick/messaging';
import { eventually } from '@tallystick/messaging/testing';
import { createPool, type Pool } from '@tallystick/postgres';
import { Browser, type Shown } from '@tallystick/pages/testing';
import { RELEASES_KNOWN_WITHIN_MS, runConsole, type StartedConsole } from './running-console.ts';
import { connectPublisher, sendOrder } from './third-party.ts';

const HOSTILE = `"><script>alert(1)</script><img src=x onerror=alert(1)>'`;

interface OpenApiDocument {
  paths: Record<string, Record<string, { tags?: string[]; operationId: string }>>;
}

let running: StartedConsole;
let publisher: Publisher;
let pool: Pool;
let browser: Browser;
let prefix: string;
beforeAll(async () => {
  running = await runConsole();
  const { kafka, postgres } = running.system.stackFile;
  prefix = kafka.topicPrefix ?? '';
  publisher = await connectPublisher(running.system);
  pool = createPool({ url: postgres.console!, applicationName: 'test' });
  browser = new Browser('everywhere');
  await running.signIn(browser);
}, 120_000);
afterAll(async () => {
  await publisher?.disconnect();
  await pool?.end();
  await running?.stop();
});

const open = (path: string): Promise<Shown> => browser.open(running.url + path);

/** Opens a page again until it has a text. */
const shows = (path: string, text: string | RegExp, withinMs?: number): Promise<Shown> =>
  eventually(async () => {
    const shown = await open(path);
    return (typeof text === 'string' ? shown.body.includes(text) : text.test(shown.body)) && shown;
  }, withinMs);

const order = (changes?: { key?: string; endToEndId?: string }): Promise<string> =>
  sendOrder(running.system, publisher, changes);

describe('the overview', () => {
  test('tells the state of services, queues, books and keys, with live figures of the interfaces', async () => {
    await order();
    const shown = await shows('/', 'href="/catalogue/messages/payment.create"');
    expect(shown.body).toMatch(/eeds? attention/);
    for (const service of ['auth', 'account', 'card', 'payment', 'console'])
      expect(shown.body).toContain(`<strong>${service}</strong>`);
    expect(shown.body).toContain('data-live="/live/overview"');
  });
});

describe('a payment', () => {
  test('is found by any id, with who signed each message and what became of it', async () => {
    const paymentId = await order({ endToEndId: 'RENT NOVEMBER' });
    // The account does not exist, so the ledger refuses.
    const shown = await shows(`/payments/${paymentId}`, 'The payment failed with');
    expect(shown.body).toContain('signed by <strong>acme</strong>');
    expect(shown.body).toContain('the order of a third party');
    expect(shown.body).toContain('12.50 EUR');
    expect(shown.body).toContain('Nothing in the ledger');
    const byReference = await open('/find?id=RENT%20NOVEMBER');
    expect(byReference.url.pathname).toBe('/payments/RENT%20NOVEMBER');
    expect(byReference.body).toContain(paymentId);
    expect((await open('/payments')).body).toContain(paymentId);
  });

  test('that nobody knows says where else to look', async () => {
    const shown = await open('/payments/pay_unknown');
    expect(shown.status).toBe(404);
    expect(shown.body).toContain('Where else to look');
    expect(shown.body).toContain('The index has');
  });

  test.each([HOSTILE, '../../', 'line\nbreak', `\u202Eeslaf`])('id %j runs no script', async (text) => {
    const shown = await open(`/payments/${encodeURIComponent(text)}`);
    expect(shown.status).toBe(404);
    expect(shown.body).not.toContain('<script>alert');
    expect(shown.body).not.toContain('<img');
  });
});

describe('the catalogue', () => {
  test.each(['operations', 'messages', 'topics'])(
    'lists all %s and shows each',
    async (kind) => {
      const { body } = await open(`/catalogue?kind=${kind}`);
      const paths = [...body.matchAll(new RegExp(`href="(/catalogue/${kind}/[^"]+)"`, 'g'))].map(
        ([, path]) => path!,
      );
      expect(paths.length).toBeGreaterThan(10);
      for (const path of paths.slice(0, 200)) expect((await open(path)).status).toBe(200);
    },
    120_000,
  );

  test('links each operation and message to its place on a page of documents', async () => {
    const links: URL[] = [];
    for (const kind of ['operations', 'messages']) {
      const { body } = await open(`/catalogue?kind=${kind}`);
      for (const [, path] of body.matchAll(new RegExp(`href="(/catalogue/${kind}/[^"]+)"`, 'g')))
        links.push(new URL(/href="([^"]+)">Documents/.exec((await open(path!)).body)![1]!));
    }
    const text = async (url: URL): Promise<string> => (await fetch(url)).text();
    for (const [origin, ofOrigin] of Map.groupBy(links, (link) => link.origin)) {
      const page = await text(new URL('/docs', origin));
      const document = JSON.parse(await text(new URL('/openapi.json', origin))) as OpenApiDocument;
      // Swagger UI makes the anchor of an operation from its tag and its id.
      const places = Object.values(document.paths)
        .flatMap((methods) => Object.values(methods))
        .filter(({ tags }) => tags !== undefined)
        .map(({ tags, operationId }) => `#/${tags![0]}/${operationId}`);
      places.push(...[...page.matchAll(/<article id="([^"]+)"/g)].map(([, id]) => `#${id}`));
      expect(places).toEqual(expect.arrayContaining(ofOrigin.map(({ hash }) => hash)));
    }
    expect(links.length).toBeGreaterThan(100);
  }, 120_000);

  test('shows versions, deprecation, parties, schema, examples and releases', async () => {
    const release = /<code>[0-9a-f]{12}<\/code>/;
    const shown = await shows('/catalogue/operations/payment.create', release, RELEASES_KNOWN_WITHIN_MS);
    expect(shown.body).toContain('deprecated, refused from');
    expect(shown.body).toContain(operations.createPayment.summary);
    expect(shown.body).toContain('Example of the body');
    expect((await open('/find?id=payment.commands.v1')).url.pathname).toBe(
      '/catalogue/topics/payment.commands.v1',
    );
  }, 120_000);

  test('finds by words, and says if it finds nothing', async () => {
    expect((await open('/catalogue?q=freeze')).body).toContain('account.freeze');
    expect((await open(`/catalogue?q=${encodeURIComponent(HOSTILE)}`)).body).toContain(
      'Nothing has these words',
    );
    expect((await open('/catalogue/operations/no.such')).status).toBe(404);
  });
});

describe('the quarantine', () => {
  test('groups by cause, dry-runs, discards with a reason, and shows the job', async () => {
    const key = newId('pay');
    await order({ key });
    await shows('/quarantine', 'Subject is another record key');
    const list = await open('/quarantine');
    const [, group] = /href="(\/quarantine\/groups\/[^"]+)"><strong>Subject is another record key/.exec(
      list.body,
    )!;
    const page = await open(group!);
    expect(page.body).toContain('Use one id for the record key, sub and the payload.');
    expect(page.body).toContain(key);

    const tried = await browser.submit(page, group!, { act: 'dry_run' });
    expect(tried.url.pathname).toMatch(/^\/quarantine\/jobs\/job_/);
    const done = await shows(tried.url.pathname, 'Would be refused again');
    expect(done.body).toContain('envelope.subject_mismatch');

    const refused = await browser.submit(page, group!, { act: 'discard', reason: ' ' });
    expect(refused.status).toBe(422);
    expect(refused.body).toContain('Give a reason');
    const discarded = await browser.submit(page, group!, { act: 'discard', reason: HOSTILE });
    const job = await shows(discarded.url.pathname, 'Discarded');
    expect(job.body).not.toContain('<script>alert');
    expect(job.body).toContain(running.operator('Olivia').id);
    expect((await open(group!)).body).toContain('Nothing of this group waits');
    const audit = await pool.query<{ content: string }>(
      `SELECT content FROM audit_entry WHERE action = 'quarantine.discard'`,
    );
    expect(audit.rows[0]!.content).toContain(running.operator('Olivia').id);
  });

  test('is seen, and not changed, by an operator without the role', async () => {
    const key = newId('pay');
    await order({ key });
    await shows('/quarantine', 'Subject is another record key');
    const reader = new Browser('everywhere');
    await running.signIn(reader, 'Theo');
    const list = await reader.open(`${running.url}/quarantine`);
    const [, group] = /href="(\/quarantine\/groups\/[^"]+)"/.exec(list.body)!;
    const page = await reader.open(running.url + group!);
    expect(page.body).toContain('need the role support');
    expect(page.body).not.toContain('value="release"');
    // Without choices there is no column of them.
    expect(page.body).not.toMatch(/>\s*Choose\s*</);
    const mine = await open(group!);
    const forged = await reader.submit({ ...mine, url: page.url }, group!, {
      act: 'discard',
      reason: 'mine',
    });
    expect(forged.status).toBe(403);
    expect(forged.body).toContain('quarantine:release');
  });

  test('shows what a hostile record claims without running or breaking anything', async () => {
    const key = newId('pay');
    const claims = {
      iss: HOSTILE,
      sub: key,
      jti: HOSTILE,
      type: HOSTILE,
      version: 1,
      txn: HOSTILE,
      data: {},
    };
    const value = ['e30', Buffer.from(JSON.stringify(claims)).toString('base64url'), 'c2ln'].join('.');
    const hostileHeaders = Object.fromEntries(
      Object.values(quarantineHeaders)
        .filter((name) => !name.includes('value'))
        .map((name) => [name, `${HOSTILE}\nnext`]),
    );
    await publisher.publish([
      {
        id: newJti(),
        topic: quarantineOf(`${prefix}payment.commands.v1`),
        key: Buffer.from(key),
        value: Buffer.from(value),
        headers: hostileHeaders,
      },
    ]);
    const timeline = await shows(`/payments/${key}`, 'In quarantine');
    const list = await shows('/quarantine?groups=all', 'Reason unknown to this release');
    const [, group] = /href="(\/quarantine\/groups\/[^"]+)"><strong>Reason unknown/.exec(list.body)!;
    const page = await open(group!);
    const [, record] = /href="(\/quarantine\/records\/[^"]+)"/.exec(page.body)!;
    for (const { body } of [timeline, list, page, await open(record!)]) {
      expect(body).not.toContain('<script>alert');
      expect(body).not.toContain('<img');
      expect(body).toContain('&lt;script&gt;');
    }
  });

  test.each([
    '/quarantine/records/payment.commands.v1/999999999',
    '/quarantine/records/x/-1',
    '/quarantine/jobs/job_x',
  ])('%s is not there, and the page says where else to look', async (path) => {
    const shown = await open(path);
    expect(shown.status).toBe(404);
    expect(shown.body).toContain('Where else to look');
  });
});

test('a live part is sent as an event, and ends with the session', async () => {
  const other = new Browser('everywhere');
  await running.signIn(other);
  const answer = await fetch(`${running.url}/live/overview`, {
    headers: { cookie: `console=${other.cookie('console')}` },
  });
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  const { value } = await reader.read();
  expect(value).toMatch(/^data: /);
  await reader.cancel();
  const foreign = await fetch(`${running.url}/live/overview`);
  expect(await foreign.text()).toContain('event: ended');
});
