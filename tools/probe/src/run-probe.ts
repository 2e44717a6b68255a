import { Client, generateDpopKey, OAuthClient } from '@tallystick/client';
import { ownAccounts } from './accounts.ts';
import { payOverHttp } from './over-http.ts';
import { payOverKafka } from './over-kafka.ts';
import type { ProbeSettings } from './settings.ts';
import { stepNames, Steps, type StepName, type StepResult } from './steps.ts';

const SCOPE = 'accounts:read accounts:write payments:read payments:write';
const SCOPE_OF_PRODUCERS = `${SCOPE} mandates:read mandates:write`;

/** The results of one round of the probe. */
export interface ProbeReport {
  /** When it began, ISO 8601. */
  at: string;
  isHealthy: boolean;
  steps: StepResult[];
}

/**
 * Makes the synthetic payments once.
 * @param limitMs the longest time of a step, in milliseconds
 * @param onResult called after each step
 * @throws ConfigurationError if the probe has no money to pay with
 */
export async function runProbe(
  settings: ProbeSettings,
  limitMs: number,
  onResult?: (result: StepResult) => void,
): Promise<ProbeReport> {
  const at = new Date().toISOString();
  const steps = new Steps(limitMs, onResult);
  await runSteps(steps, settings);
  return { at, isHealthy: steps.results.every(({ outcome }) => outcome === 'held'), steps: steps.results };
}

async function runSteps(steps: Steps, settings: ProbeSettings): Promise<void> {
  const { issuer, clientId, clientKey: privateJwk, services, producer } = settings;
  const wanted = stepNames.filter((step) => producer !== undefined || !step.startsWith('kafka.'));
  const after = (step: StepName): StepName[] => wanted.slice(wanted.indexOf(step) + 1);
  const access = await steps.run('token', async () => {
    const oauth = await OAuthClient.discover({ issuer, clientId, privateJwk: privateJwk as never });
    const scope = producer === undefined ? SCOPE : SCOPE_OF_PRODUCERS;
    const granted = oauth.clientAccess(scope, await generateDpopKey());
    await granted.token();
    return granted;
  });
  if (access === undefined) return steps.skip(after('token'), 'token');
  const client = new Client({ services, access });
  const accounts = await steps.run('accounts', (signal) => ownAccounts(client, settings, signal));
  if (accounts === undefined) return steps.skip(after('accounts'), 'accounts');
  await payOverHttp(steps, client, accounts, settings);
  if (producer !== undefined) await payOverKafka(steps, client, accounts, settings);
}
