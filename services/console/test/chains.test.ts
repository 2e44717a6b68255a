import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { auditOf } from '@tallystick/audit';
import { eventually } from '@tallystick/messaging/testing';
import { createPool, type Pool } from '@tallystick/postgres';
import { chainPassIn } from '../src/http/pages/audit/chain-pass.ts';
import { Browser, type Shown } from '@tallystick/pages/testing';
import { runConsole, type StartedConsole } from './running-console.ts';

const ENTRIES = 1_500;
const PATH = '/audit/chains';

let running: StartedConsole;
let browser: Browser;
/** The database of the card service, as its owner. */
let pool: Pool;

beforeAll(async () => {
  running = await runConsole();
  browser = new Browser('everywhere');
  await running.signIn(browser);
  pool = createPool({ url: running.system.stackFile.postgres.card!, applicationName: 'test' });
  const decisions = Array.from({ length: ENTRIES }, (_, at) => ({
    actor: 'opr_test',
    action: 'test.entry',
    object: `obj_${at}`,
    outcome: 'done',
    atMs: Date.now(),
  }));
  await pool.query(auditOf(decisions));
}, 120_000);
afterAll(async () => {
  await pool?.end();
  await running?.stop();
});

const verify = async (path: string): Promise<Shown> =>
  browser.submit(await browser.open(running.url + path), path);

/** The cells of the row of the card service. */
function rowOf({ body }: Shown): { text: string; next: string | undefined } {
  const [row = ''] = /<tr>\s*<td\s*><strong>card<\/strong>.*?<\/tr>/s.exec(body) ?? [];
  return {
    text: row.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' '),
    next: /action="([^"]+)"/.exec(row)?.[1]?.replaceAll('&amp;', '&'),
  };
}

/** Verifies the newest entries, once all are on the topic. @returns where the pass goes on */
const begin = (): Promise<{ text: string; next: string }> =>
  eventually(async () => {
    const { text, next } = rowOf(await verify(PATH));
    const told = Number(/so far ([\d,]+)/.exec(text)?.[1]?.replaceAll(',', ''));
    return next !== undefined && told >= ENTRIES && { text, next };
  }, 60_000);

describe('the verification of a long chain', () => {
  test('compares the newest entries, says which are not compared, and goes on to the first', async () => {
    const { text, next } = await begin();
    expect(text).toMatch(
      /intact so far [\d,]+ places [\d,]+ to [\d,]+ places 1 to [\d,]+ Every compared entry fits/,
    );

    // The address says how far the pass is; opening it verifies nothing.
    const opened = await browser.open(running.url + next);
    expect(opened.body).toContain('Nothing was verified by opening it');
    expect(opened.body).not.toContain('Verified now');
    const pass = chainPassIn(opened.url.searchParams)!;
    expect(pass.newest - pass.before + 1).toBeGreaterThanOrEqual(1_000);

    const last = rowOf(await browser.submit(opened, next));
    expect(last.text).toContain(`places 1 to ${pass.newest.toLocaleString('en')}`);
    expect(last.text).toContain(`now places 1 to ${(pass.before - 1).toLocaleString('en')}`);
    expect(last.text).toContain('none Every entry fits, to the first one.');
    expect(last.next).toBeUndefined();
  }, 120_000);

  test('names an entry that is missing far back, which the newest entries do not show', async () => {
    const { next } = await begin();
    await pool.query('DELETE FROM audit_link WHERE seq = 7');
    const { text } = rowOf(await browser.submit(await browser.open(running.url + next), next));
    expect(text).toContain('not intact');
    expect(text).toContain('The service does not show this entry. Place 7.');
  }, 120_000);
});

test.each([
  '',
  'service=card',
  'service=x&before=5&newest=9',
  'service=card&before=1&newest=9',
  'service=card&before=9&newest=5',
  'service=card&before=-3&newest=x',
])('an address with %j names no pass', (query) => {
  expect(chainPassIn(new URLSearchParams(query))).toBeUndefined();
});
