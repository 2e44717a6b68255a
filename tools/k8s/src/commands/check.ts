import { printJson, program, SettingError, type ExitStatus } from '@tallystick/stack';
import { checkManifests } from '../check-manifests.ts';
import type { CheckFlags } from '../command.ts';
import { namedImages, NO_DIGEST, type NamedImage } from '../images/named-images.ts';
import { nameOf, type Manifest, type Violation } from '../manifest.ts';
import { overlays, renderOverlays } from '../render.ts';
import { allRules, rulesFor } from '../rules/index.ts';
import { createValidator } from '../schemas/validate.ts';

interface Report {
  overlays: {
    name: string;
    resources: number;
    violations: Violation[];
    /** images with a digest that belongs to no image */
    unpinned: string[];
  }[];
}

/** Runs `tallystick k8s check`. */
export const check = program(async (flags: CheckFlags): Promise<ExitStatus> => {
  if (flags.rules === true) {
    listRules(flags);
    return 0;
  }
  const report = await checkOverlays(chosen(flags), flags.pinned === true);
  if (flags.json === true) printJson(report);
  else process.stdout.write(textOf(report));
  return report.overlays.every(({ violations }) => violations.length === 0) ? 0 : 1;
});

function chosen({ overlay }: CheckFlags): readonly string[] {
  const known = overlays();
  for (const name of overlay ?? [])
    if (!known.includes(name)) throw new SettingError(`--overlay: must be one of ${known.join(', ')}`);
  return overlay === undefined ? known : [...new Set(overlay)];
}

async function checkOverlays(names: readonly string[], mustBePinned: boolean): Promise<Report> {
  const validate = createValidator();
  const rendered = await renderOverlays(names);
  return {
    overlays: [...rendered].map(([name, manifests]) => {
      const missing = unpinnedImages(manifests);
      return {
        name,
        resources: manifests.length,
        violations: [
          ...checkManifests(manifests, validate, rulesFor(name)),
          ...(mustBePinned ? missing.map(toViolation) : []),
        ],
        unpinned: [...new Set(missing.map(({ image }) => image.split('@')[0]!))],
      };
    }),
  };
}

function unpinnedImages(manifests: readonly Manifest[]): NamedImage[] {
  return namedImages(manifests).filter(({ image }) => image.endsWith(`@${NO_DIGEST}`));
}

function toViolation({ on, place, image }: NamedImage): Violation {
  return { rule: 'pinned', resource: nameOf(on), message: `${place}: the image ${image} is not pinned` };
}

function listRules({ json }: CheckFlags): void {
  const rules = allRules().map(({ name, states }) => ({ name, states }));
  if (json === true) {
    printJson(rules);
    return;
  }
  const width = Math.max(...rules.map(({ name }) => name.length));
  for (const { name, states } of rules) process.stdout.write(`${name.padEnd(width)}  ${states}\n`);
}

function textOf({ overlays: checked }: Report): string {
  const lines = checked.flatMap(({ name, resources, violations, unpinned }) => [
    `${name}: ${resources} resources, ${violations.length === 0 ? 'no violations' : `${violations.length} violations`}`,
    ...violations.map(({ rule, resource, message }) => `  ${rule}: ${resource}: ${message}`),
    ...(unpinned.length === 0
      ? []
      : [`  not to be applied yet, npx tallystick k8s pin first: ${unpinned.join(', ')}`]),
  ]);
  return `${lines.join('\n')}\n`;
}
