import { services } from '@tallystick/contracts';
import { crashEnvironment } from '@tallystick/messaging';
import { backingEnvironment } from '@tallystick/stack';
import type * as z from 'zod';
import { readByOthers } from './read-by-others.ts';
import {
  migrationVariables,
  probeVariables,
  serviceVariables,
  settingOf,
  type Setting,
} from './variables.ts';

const HEADING = `<!-- Generated from the schemas of settings by \`npx tallystick generate\`. Do not edit. -->

# Settings

A program reads its settings from the environment, once, when it starts; an empty variable counts as absent. If settings
are invalid, one message lists all errors and the program exits with status 2. Secrets are in files, named by settings
that end in \`_FILE\`; only their owner and group may read them.
`;

/** Returns every setting of every program, as Markdown. */
export function settingsPage(): string {
  return [
    HEADING,
    '## Services\n',
    table(
      ['setting', 'of', 'value', 'default', 'effect'],
      ofServices().map(({ of, ...setting }) => rowOf(setting, of)),
    ),
    '## The probe\n',
    table(
      ['setting', 'value', 'default', 'effect'],
      settingsOf(probeVariables).map((setting) => rowOf(setting)),
    ),
    '## The local stack\n',
    'Also for the programs that start a stack: the demo, the tests, load, chaos and attack. The stack passes `LOG_LEVEL`,',
    '`LOG_FORMAT`, `TRACES_PER_SECOND` and `REQUESTS_PER_SECOND_MAX` on to its services.\n',
    table(
      ['setting', 'value', 'default', 'effect'],
      settingsOf(backingEnvironment.shape).map((setting) => rowOf(setting)),
    ),
    '## Read by other software\n',
    table(
      ['setting', 'of', 'effect'],
      readByOthers.map(({ name, of, effect }) => [code(name), of, effect]),
    ),
  ].join('\n');
}

/** Returns each setting once, with its readers, in the order of the schemas. */
function ofServices(): (Setting & { of: string })[] {
  const programs = [
    ...services.map((service) => [service, settingsOf(serviceVariables[service])] as const),
    ['`--migrate-only`', settingsOf(migrationVariables)] as const,
    ...services.map((service) => [service, settingsOf(crashEnvironment.shape)] as const),
  ];
  const readers = new Map<string, { setting: Setting; of: Set<string> }>();
  for (const [program, settings] of programs)
    for (const setting of settings) {
      const known = readers.get(setting.name);
      if (known === undefined) readers.set(setting.name, { setting, of: new Set([program]) });
      else known.of.add(program);
    }
  return [...readers.values()].map(({ setting, of }) => {
    const others = [...of].filter((program) => !(services as readonly string[]).includes(program));
    const isOfAll = services.every((service) => of.has(service));
    return { ...setting, of: (isOfAll ? ['all', ...others] : [...of]).join(', ') };
  });
}

function settingsOf(shape: z.ZodRawShape): Setting[] {
  return Object.entries(shape).map(([name, schema]) => settingOf(name, schema));
}

function rowOf({ name, value, byDefault, isRequired, effect }: Setting, of?: string): string[] {
  const standard = byDefault === undefined || byDefault === '' ? '' : code(byDefault);
  return [code(name), ...(of === undefined ? [] : [of]), value, isRequired ? 'required' : standard, effect];
}

function code(text: string): string {
  return `\`${text}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at]!.length)));
  const line = (cells: readonly string[], fill = ' '): string =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at]!, fill)).join(' | ')} |\n`;
  return [
    line(head),
    line(
      head.map(() => ''),
      '-',
    ),
    ...rows.map((row) => line(row)),
  ].join('');
}
