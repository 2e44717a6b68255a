import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';

const views = [
  { name: 'desktop', viewport: { width: 1440, height: 900 } },
  { name: 'phone', viewport: { width: 390, height: 844 } },
] as const;
const schemes = ['light', 'dark'] as const;
/** Live parts keep a connection open, so a page is never idle: it is shown once it is loaded. */
const SHOWN = { waitUntil: 'load' } as const;

/** The console of a stack, with an operator who signs in. */
export interface ConsoleOfStack {
  url: string;
  email: string;
  password: string;
  /** Flags of the browser for its certificates. */
  browserFlags: readonly string[];
}

/**
 * Takes a picture of each page in the navigation of the console, and of the first page that each links to.
 * @returns a line for each page that failed
 */
export async function takePictures(
  console: ConsoleOfStack,
  { executablePath, folder }: { executablePath: string; folder: string },
  say: (line: string) => void,
): Promise<string[]> {
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', ...console.browserFlags],
  });
  const faults: string[] = [];
  try {
    for (const { name, viewport } of views)
      for (const colorScheme of schemes) {
        say(`Pictures on a ${name}, ${colorScheme}`);
        const page = await browser.newPage({ viewport, colorScheme, reducedMotion: 'reduce' });
        await signIn(page, console);
        for (const path of await pathsOf(page, console.url)) {
          const answer = await page.goto(console.url + path, SHOWN);
          if (answer?.status() !== 200)
            faults.push(`${path} (${name}, ${colorScheme}): the server answered ${answer?.status()}`);
          const file = `${fileNameOf(path)}-${name}-${colorScheme}.png`;
          await page.screenshot({ path: join(folder, file), fullPage: name === 'phone' });
        }
        await page.close();
      }
  } finally {
    await browser.close();
  }
  return faults;
}

async function signIn(page: Page, { url, email, password }: ConsoleOfStack): Promise<void> {
  await page.goto(url, SHOWN);
  await page.getByLabel(/e-?mail/i).fill(email);
  await page.getByLabel(/password/i).fill(password);
  await page.getByRole('button', { name: /sign in/i }).click();
  await page.waitForURL((at) => at.href.startsWith(`${url}/`) && !at.pathname.startsWith('/sign-in'));
}

/** Returns the paths in the navigation, each followed by the first path of its list that leads further. */
async function pathsOf(page: Page, url: string): Promise<string[]> {
  const named = await localPaths(page, 'nav');
  const paths: string[] = [];
  for (const path of named) {
    await page.goto(url + path, SHOWN);
    const further = (await localPaths(page, 'main table')).find((one) => !named.includes(one));
    paths.push(path, ...(further === undefined ? [] : [further]));
  }
  return [...new Set(paths)];
}

async function localPaths(page: Page, within: string): Promise<string[]> {
  const links = await page.locator(`${within} a[href^="/"]`).all();
  const paths = await Promise.all(links.map((link) => link.getAttribute('href')));
  return [...new Set(paths.filter((path) => path !== null))];
}

/** `/` is `overview`; ids and queries leave the folder's name. */
function fileNameOf(path: string): string {
  const parts = new URL(path, 'http://console').pathname.split('/').filter((part) => part !== '');
  if (parts.length === 0) return 'overview';
  return parts.length === 1 ? parts[0]! : `${parts[0]}-one`;
}
