import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { asksForHelp, readFlags, reportFault } from '@tallystick/stack';
import * as z from 'zod';
import { settingsPage } from './settings-page.ts';

const usage = `Usage: npm run docs:settings [-- options]

Writes docs/settings.md: every setting of every program, as the programs themselves read it.

Options:
  --check             write nothing; the exit status is 1 if the page is not what would be written
  --help              show this
`;
const flagsSchema = z.strictObject({ check: z.boolean().default(false) });

const ROOT = join(import.meta.dirname, '..', '..', '..');
const PAGE = join(ROOT, 'docs', 'settings.md');

try {
  const args = process.argv.slice(2);
  if (asksForHelp(args)) process.stdout.write(usage);
  else {
    const command = 'npm run docs:settings';
    const { check } = readFlags({ command, schema: flagsSchema, switches: ['check'] }, args);
    const page = settingsPage();
    const name = relative(ROOT, PAGE);
    if (existsSync(PAGE) && readFileSync(PAGE, 'utf8') === page)
      process.stdout.write(`${name} is up to date\n`);
    else if (check) {
      process.stdout.write(`${name} is not up to date; write it with: ${command}\n`);
      process.exitCode = 1;
    } else {
      writeFileSync(PAGE, page);
      process.stdout.write(`${name} is written\n`);
    }
  }
} catch (fault) {
  process.exitCode = reportFault(fault);
}
