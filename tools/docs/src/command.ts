import { buildCommand } from '@stricli/core';
import { checkedBy, jsonFlag, numberWithin, switchFlag } from '@tallystick/stack/command-line.ts';
import * as z from 'zod';

export interface DocsFlags {
  serve?: boolean;
  port: number;
  pagesOnly?: boolean;
  check?: boolean;
  /** path of a Chromium */
  browser?: string;
  /** folder for pictures of pages */
  pictures?: string;
  json?: boolean;
}

const path = (what: string) => checkedBy(z.string().min(1, `must name a ${what}`));

export const docsCommand = buildCommand<DocsFlags>({
  loader: async () => (await import('./main.ts')).docs,
  parameters: {
    flags: {
      serve: switchFlag('Serve the built site on this machine until Ctrl-C'),
      port: {
        kind: 'parsed',
        parse: numberWithin(z.int().min(0).max(65_535)),
        placeholder: 'N',
        brief: 'Port for --serve; 0 selects a free one',
        default: '4321',
      },
      pagesOnly: switchFlag('Only write the pages, as Markdown, into docs/site/src/content/docs'),
      check: switchFlag('Check every link of the built site; with --browser also accessibility and policy'),
      browser: {
        kind: 'parsed',
        parse: path('program'),
        placeholder: 'path',
        brief: 'Chromium in which --check opens pages',
        optional: true,
      },
      pictures: {
        kind: 'parsed',
        parse: path('folder'),
        placeholder: 'path',
        brief: 'Folder for a picture of each page that --check opens',
        optional: true,
      },
      json: jsonFlag,
    },
  },
  docs: {
    brief: 'Build, check or show the documentation site',
    fullDescription: `Writes the pages from contracts, state tables and documents, and builds them into docs/site/dist: a folder that any
web server can serve. The first run installs the packages of the site with npm.

Exit status: 0 if the site was built and every check held, 1 if not, 2 for a wrong flag.`,
  },
});
