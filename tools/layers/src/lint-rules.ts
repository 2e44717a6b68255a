import type { Ban } from './bans.ts';
import { environmentOverrides } from './environment.ts';
import { layers, type Layer } from './layers.ts';

interface Override {
  files: readonly string[];
  rules: Record<string, unknown>;
}

/** The overrides of the lint configuration that enforce the layers. */
function layerOverrides(table: readonly Layer[] = layers): Override[] {
  return table.map(({ files, bans }) => ({
    files,
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: bans.filter(({ name }) => name !== undefined).map(written),
          patterns: bans.filter(({ name }) => name === undefined).map(written),
        },
      ],
    },
  }));
}

/** Maximum number of lines of a source file: a longer one has more than one subject. */
const SOURCE_LINES_MAX = 300;

const shortSources: Override = {
  files: ['packages/*/src/**', 'services/*/src/**', 'tools/*/src/**'],
  rules: { 'max-lines': ['error', SOURCE_LINES_MAX] },
};

/** Returns all overrides of the lint configuration. */
export function lintOverrides(): Override[] {
  return [...layerOverrides(), ...environmentOverrides(), shortSources];
}

/** Returns the lint configuration with overrides from the tables. */
export function withLayers(configuration: string): string {
  const parsed = JSON.parse(configuration) as Record<string, unknown>;
  return `${JSON.stringify({ ...parsed, overrides: lintOverrides() }, null, 2)}\n`;
}

function written({ example: _example, ...ban }: Ban): object {
  return ban;
}
