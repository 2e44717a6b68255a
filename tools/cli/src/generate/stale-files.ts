import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatedFiles as kubernetesFiles } from '@tallystick/k8s/generate/generated-files.ts';
import { interfaceDocuments } from '@tallystick/interfaces';
import { withLayers } from '@tallystick/layers/lint-rules.ts';
import { settingsPage } from '@tallystick/settings/settings-page.ts';
import { format, resolveConfig } from 'prettier';

/** The checkout. */
export const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
const LINT = '.oxlintrc.json';

/**
 * Finds the generated files that differ from their sources.
 * @param directory where the files are, by default the checkout
 * @returns by path, the formatted content that each should have
 */
export async function staleFiles(directory = ROOT): Promise<Map<string, string>> {
  const files = {
    'docs/settings.md': settingsPage(),
    ...interfaceDocuments(),
    [LINT]: withLayers(readFileSync(join(ROOT, LINT), 'utf8')),
    ...kubernetesFiles(),
  };
  const stale = new Map<string, string>();
  for (const [path, content] of Object.entries(files)) {
    const filepath = join(ROOT, path);
    const formatted = await format(content, { ...(await resolveConfig(filepath)), filepath });
    const current = join(directory, path);
    if (!existsSync(current) || readFileSync(current, 'utf8') !== formatted) stale.set(path, formatted);
  }
  return stale;
}
