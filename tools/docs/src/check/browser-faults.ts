import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** How the pages are looked at. */
const views = [
  { name: 'phone', viewport: { width: 390, height: 844 } },
  { name: 'desktop', viewport: { width: 1440, height: 900 } },
] as const;
const schemes = ['light', 'dark'] as const;

/** Pages of each kind. */
const paths = [
  '/',
  '/start/http/',
  '/guides/stolen-keys/',
  '/operations/payment/create/',
  '/messages/payment-commands-v1/payment-create/',
  '/payment-states/',
  '/errors/',
  '/envelope/',
  '/settings/',
  '/architecture/',
] as const;

interface Violation {
  id: string;
  impact: string | null;
  nodes: { target: string[]; html: string }[];
}

/**
 * Opens pages of a served site in a browser, at the sizes of a phone and a desktop, light and dark.
 * @param url of the site
 * @param executablePath of a Chromium
 * @param pictures folder for a picture of each; by default none
 * @returns a line for each fault of accessibility, each violated policy, each failed script and each page that scrolls
 * sideways
 */
export async function browserFaults(
  url: string,
  executablePath: string,
  pictures?: string,
): Promise<string[]> {
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
  });
  const faults: string[] = [];
  try {
    if (pictures !== undefined) await mkdir(pictures, { recursive: true });
    for (const { name, viewport } of views)
      for (const colorScheme of schemes) {
        const page = await browser.newPage({ viewport, colorScheme });
        for (const path of paths) {
          const view = `${path} (${name}, ${colorScheme})`;
          const told = await openPage(page, url + path);
          const found = [...told, ...(await faultsOf(page))];
          faults.push(...found.map((fault) => `${view}: ${fault}`));
          if (pictures === undefined) continue;
          const file = `${path.replaceAll('/', '-').replaceAll(/^-|-$/g, '') || 'home'}-${name}-${colorScheme}.png`;
          await page.screenshot({ path: join(pictures, file) });
        }
        faults.push(
          ...(await searchFaults(page, url)).map((fault) => `search (${name}, ${colorScheme}): ${fault}`),
        );
        await page.close();
      }
  } finally {
    await browser.close();
  }
  return faults;
}

/** Opens a page. @returns what the browser complained about */
async function openPage(page: Page, url: string): Promise<string[]> {
  const told: string[] = [];
  page.removeAllListeners('console').removeAllListeners('pageerror');
  page.on('console', (line) => {
    if (line.type() === 'error') told.push(line.text());
  });
  page.on('pageerror', (fault) => void told.push(fault.message));
  const answer = await page.goto(url, { waitUntil: 'networkidle' });
  if (answer?.status() !== 200) told.push(`the server answered ${answer?.status()}`);
  return told;
}

async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const violations = (await page.evaluate('axe.run().then(({ violations }) => violations)')) as Violation[];
  const isWide = (await page.evaluate(
    'document.documentElement.scrollWidth > document.documentElement.clientWidth',
  )) as boolean;
  return [
    ...violations.map(({ id, impact, nodes }) => `axe: ${impact} ${id} at ${nodes[0]?.target.join(' ')}`),
    ...(isWide ? ['the page scrolls sideways'] : []),
  ];
}

/** Searches the site as a reader does. */
async function searchFaults(page: Page, url: string): Promise<string[]> {
  const told = await openPage(page, `${url}/`);
  await page
    .getByRole('button', { name: /search/i })
    .first()
    .click();
  await page.locator('input[type=text], input[type=search]').first().fill('idempotency');
  const found = page.locator('.pagefind-ui__result-link').first();
  await found.waitFor({ timeout: 10_000 }).catch(() => told.push('it found nothing for "idempotency"'));
  return told;
}
