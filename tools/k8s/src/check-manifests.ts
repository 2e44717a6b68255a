import { nameOf, type Manifest, type Rule, type Violation } from './manifest.ts';
import type { Validate } from './schemas/validate.ts';

/**
 * Checks manifests against their schemas, and then the rules, which read fields whose types the schemas have checked.
 * @returns every violation, in the order of the rules
 */
export function checkManifests(
  manifests: readonly Manifest[],
  validate: Validate,
  rules: readonly Rule[],
): Violation[] {
  const invalid = manifests.flatMap(validate);
  if (invalid.length > 0) return invalid;
  return rules.flatMap((rule) =>
    rule.check(manifests).map(({ on, message }) => ({ rule: rule.name, resource: nameOf(on), message })),
  );
}
