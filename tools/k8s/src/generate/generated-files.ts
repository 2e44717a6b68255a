import { stringify } from 'yaml';
import { kafkaTopics } from './topics.ts';
import { kafkaUsers } from './users.ts';

const DIRECTORY = 'infra/kubernetes/components/kafka-strimzi/generated';
const HEADING = '# Generated from packages/contracts by `npx tallystick generate`. Do not edit.\n';

/** The content of each generated file by its path in the checkout. */
export function generatedFiles(): Record<string, string> {
  return {
    [`${DIRECTORY}/topics.yaml`]: HEADING + yamlOf(kafkaTopics()),
    [`${DIRECTORY}/users.yaml`]: HEADING + yamlOf(kafkaUsers()),
  };
}

/** Manifests as YAML, a document each. */
export function yamlOf(resources: readonly object[]): string {
  return resources
    .map((one) => stringify(one, { lineWidth: 0, aliasDuplicateObjects: false, singleQuote: true }))
    .join('---\n');
}
