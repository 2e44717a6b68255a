import { relative } from 'node:path';
import { reportFault } from '@tallystick/stack';
import { checkManifests } from './check-manifests.ts';
import { parseFlags, usage, type Flags } from './check-flags.ts';
import { staleFiles } from './generate/generated-files.ts';
import type { Violation } from './manifest.ts';
import { renderOverlays } from './render.ts';
import { allRules } from './rules/index.ts';
import { createValidator } from './schemas/validate.ts';

interface Report {
  overlays: { name: string; resources: number; violations: Violation[] }[];
  /** generated files that are not what contracts give */
  stale: string[];
}

try {
  const flags = parseFlags(process.argv.slice(2));
  if (flags.help) process.stdout.write(usage);
  else if (flags.rules) listRules(flags);
  else {
    const report = await check(flags);
    process.stdout.write(flags.json ? `${JSON.stringify(report)}\n` : textOf(report));
    const isSound =
      report.stale.length === 0 && report.overlays.every(({ violations }) => violations.length === 0);
    process.exitCode = isSound ? 0 : 1;
  }
} catch (fault) {
  process.exitCode = reportFault(fault);
}

async function check({ overlay }: Flags): Promise<Report> {
  const validate = createValidator();
  const rules = allRules();
  const rendered = await renderOverlays(overlay);
  return {
    overlays: [...rendered].map(([name, manifests]) => ({
      name,
      resources: manifests.length,
      violations: checkManifests(manifests, validate, rules),
    })),
    stale: staleFiles().map((path) => relative(process.cwd(), path)),
  };
}

function listRules({ json }: Flags): void {
  const rules = allRules().map(({ name, states }) => ({ name, states }));
  const width = Math.max(...rules.map(({ name }) => name.length));
  process.stdout.write(
    json
      ? `${JSON.stringify(rules)}\n`
      : rules.map(({ name, states }) => `${name.padEnd(width)}  ${states}\n`).join(''),
  );
}

function textOf({ overlays, stale }: Report): string {
  const lines = overlays.flatMap(({ name, resources, violations }) => [
    `${name}: ${resources} resources, ${violations.length === 0 ? 'nothing wrong' : `${violations.length} wrong`}`,
    ...violations.map(({ rule, resource, message }) => `  ${rule}: ${resource}: ${message}`),
  ]);
  const old = stale.map((path) => `${path} is not what contracts give; npm run k8s:generate makes it anew`);
  return `${[...lines, ...old].join('\n')}\n`;
}
