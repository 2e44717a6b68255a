import { stringify } from 'yaml';
import { dashboardFiles } from '../dashboards/dashboards.ts';
import { objectiveResource, objectiveRules } from '../objectives/rule-files.ts';
import { ingresses } from './ingresses.ts';
import { kafkaTopics } from './topics.ts';
import { kafkaUsers } from './users.ts';

const COMPONENTS = 'infra/kubernetes/components';
const HEADING = '# Generated from packages/contracts by `npx tallystick generate`. Do not edit.\n';

/** The content of each generated file by its path in the checkout. */
export function generatedFiles(): Record<string, string> {
  return {
    'infra/observability/objectives.yaml': HEADING + yamlOf([{ groups: objectiveRules() }]),
    [`${COMPONENTS}/prometheus-single/generated/objectives.yaml`]:
      HEADING + yamlOf([{ groups: objectiveRules() }]),
    [`${COMPONENTS}/alerts/generated/objectives.yaml`]: HEADING + yamlOf([objectiveResource()]),
    ...dashboardsIn('infra/observability/dashboards'),
    ...dashboardsIn(`${COMPONENTS}/alerts/generated/dashboards`),
    [`${COMPONENTS}/edge/generated/ingresses.yaml`]: HEADING + yamlOf(ingresses()),
    [`${COMPONENTS}/kafka-strimzi/generated/topics.yaml`]: HEADING + yamlOf(kafkaTopics()),
    [`${COMPONENTS}/kafka-strimzi/generated/users.yaml`]: HEADING + yamlOf(kafkaUsers()),
  };
}

function dashboardsIn(folder: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(dashboardFiles()).map(([name, text]) => [`${folder}/${name}`, text]),
  );
}

/** Manifests as YAML, a document each; in the version that Kubernetes reads, where `on` without quotes is no text. */
export function yamlOf(resources: readonly object[]): string {
  return resources
    .map((one) =>
      stringify(one, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false, singleQuote: true }),
    )
    .join('---\n');
}
