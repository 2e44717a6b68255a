import type { Rule } from '../manifest.ts';
import { migrationSettings, probeSettings, serviceSettings } from '../service-settings.ts';
import { disruption, probes, spread, termination } from './availability.ts';
import { identity, immutable, references, secrets } from './configuration.ts';
import { edge } from './edge.ts';
import { digests, images } from './images.ts';
import { migrations } from './migrations.ts';
import { networkDeny, networkNarrow, networkPaths } from './network.ts';
import { autoscaling, podSecurity, priority, resources, serviceAccounts, serviceLinks } from './pods.ts';
import { secretStores } from './secret-stores.ts';
import { settingsRule } from './settings.ts';
import { kafka, postgres } from './stores.ts';
import { transport } from './transport.ts';

/** Returns every rule for manifests. */
export function allRules(): Rule[] {
  return [
    identity,
    podSecurity,
    serviceAccounts,
    serviceLinks,
    resources,
    priority,
    images,
    digests,
    autoscaling,
    probes,
    disruption,
    spread,
    termination,
    networkDeny,
    networkNarrow,
    networkPaths,
    transport,
    edge,
    immutable,
    references,
    secrets,
    secretStores,
    settingsRule(serviceSettings(), migrationSettings(), probeSettings()),
    migrations,
    kafka,
    postgres,
  ];
}

/** The overlay for one node, whose images are built on it and have no digest of a registry. */
const ONE_NODE = 'local';

/** Returns the rules for an overlay. */
export function rulesFor(overlay: string): Rule[] {
  return allRules().filter((rule) => overlay !== ONE_NODE || rule !== digests);
}
