import { relative, resolve } from 'node:path';
import { printJson, program, say, SettingError, stopOnExit, type ExitStatus } from '@tallystick/stack';
import { browserFaults } from './check/browser-faults.ts';
import { deadLinks } from './check/dead-links.ts';
import type { DocsFlags } from './command.ts';
import { buildSite, installSite } from './site/build.ts';
import { places } from './site/places.ts';
import { serveSite } from './site/serve.ts';
import { writeSite } from './site/write-site.ts';

/** Runs `tallystick docs`. */
export const docs = program(async (flags: DocsFlags): Promise<ExitStatus | void> => {
  const { serve, check, json } = flags;
  if (check !== true && (flags.browser ?? flags.pictures) !== undefined)
    throw new SettingError('--browser and --pictures need --check');
  if (flags.pictures !== undefined && flags.browser === undefined)
    throw new SettingError('--pictures needs --browser');
  if (flags.pagesOnly === true && (serve ?? check) !== undefined)
    throw new SettingError('--pages-only builds nothing: it excludes --serve and --check');
  if (flags.pagesOnly === true) return writePages(flags);
  await installSite();
  say('Writing the pages');
  const pages = await writeSite();
  say(`Building ${pages} pages`);
  await buildSite();
  const faults = check === true ? await faultsOf(flags) : [];
  for (const fault of faults) say(fault);
  const served = serve === true ? await serveSite(places.built, flags.port) : undefined;
  if (served !== undefined) stopOnExit(() => served.close());
  if (json === true) printJson({ directory: places.built, pages, faults, url: served?.url });
  else process.stdout.write(textOf(pages, faults, served?.url, check === true));
  return served === undefined ? (faults.length === 0 ? 0 : 1) : undefined;
});

async function writePages({ json }: DocsFlags): Promise<ExitStatus> {
  const pages = await writeSite();
  if (json === true) printJson({ directory: places.content, pages });
  else process.stdout.write(`${pages} pages are in ${relative(process.cwd(), places.content)}\n`);
  return 0;
}

async function faultsOf({ browser, pictures }: DocsFlags): Promise<string[]> {
  say('Checking links');
  const dead = deadLinks(places.built);
  if (browser === undefined) return dead;
  say('Opening pages in the browser');
  const site = await serveSite(places.built, 0);
  try {
    return [...dead, ...(await browserFaults(site.url, browser, pictures && resolve(pictures)))];
  } finally {
    await site.close();
  }
}

function textOf(
  pages: number,
  faults: readonly string[],
  url: string | undefined,
  isChecked: boolean,
): string {
  const lines = [`${pages} pages are in ${relative(process.cwd(), places.built)}`];
  if (isChecked)
    lines.push(faults.length === 0 ? 'Every check held.' : `${faults.length} faults: see above.`);
  if (url !== undefined) lines.push(`The site is at ${url} until Ctrl-C.`);
  return `${lines.join('\n')}\n`;
}
