import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { KUBERNETES } from '../render.ts';
import { kafkaTopics } from './topics.ts';
import { kafkaUsers } from './users.ts';

const DIRECTORY = join(KUBERNETES, 'components', 'kafka-strimzi', 'generated');
const HEADING = '# Made from packages/contracts by `npm run k8s:generate`; not to be edited.\n';

/** Returns the content of each generated file by its name, from the present contracts. */
export function generatedFiles(): Record<string, string> {
  return {
    'topics.yaml': HEADING + yamlOf(kafkaTopics()),
    'users.yaml': HEADING + yamlOf(kafkaUsers()),
  };
}

/** @returns the names of the files that differ from the contracts */
export function staleFiles(directory = DIRECTORY): string[] {
  return Object.entries(generatedFiles())
    .filter(([name, content]) => readOrNothing(join(directory, name)) !== content)
    .map(([name]) => join(directory, name));
}

/** Writes every generated file. @returns their paths */
export function writeGenerated(directory = DIRECTORY): string[] {
  return Object.entries(generatedFiles()).map(([name, content]) => {
    const path = join(directory, name);
    writeFileSync(path, content);
    return path;
  });
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Returns manifests as YAML, one document each. */
export function yamlOf(resources: readonly object[]): string {
  return resources
    .map((one) => stringify(one, { lineWidth: 0, aliasDuplicateObjects: false, singleQuote: true }))
    .join('---\n');
}
