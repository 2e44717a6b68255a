import { environmentSchema, fileHolding, readEnvironment } from '@tallystick/config';
import { contractsGroupOf, type ServiceName } from '@tallystick/contracts';
import {
  breakText,
  conflictsBetween,
  ContractsInputError,
  decodeContracts,
  releaseIdOf,
  shortReleaseId,
  type Conflict,
  type DeclaredContracts,
} from '@tallystick/interfaces';
import {
  createKafka,
  findRunningReleases,
  kafkaConnection,
  kafkaEnvironment,
  kafkaRequiredTogether,
  type Declaration,
  type RunningReleases,
} from '@tallystick/messaging/registry.ts';
import { loadTrustAnchors } from '@tallystick/security';
import { createLogger } from '@tallystick/telemetry/logger.ts';
import * as z from 'zod';

/** The settings that locate the topics of contracts: those of a service. */
const environment = environmentSchema(
  {
    ...kafkaEnvironment,
    TOPIC_PREFIX: z.string().default(''),
    TRUST_ANCHORS_FILE: fileHolding(loadTrustAnchors),
  },
  kafkaRequiredTogether,
);

/** Whether a release may run beside those that run. */
export interface DeployVerdict {
  service: ServiceName;
  /** SHA-256 of its contracts. */
  releaseId: string;
  canDeploy: boolean;
  /** Whether this release runs already, or ran last: it may always be started again. */
  runsAlready: boolean;
  /** The releases that run. */
  beside: Pick<Declaration, 'service' | 'releaseId' | 'declaredAt'>[];
  conflicts: Conflict[];
  /** What is not known of the releases that run; unknown means no. */
  unknown: string[];
  /** Time to find out, in milliseconds. */
  tookMs: number;
}

/** Who asks. */
export interface Asker {
  /** The program, under whose name its consumer group is. */
  program: string;
  /** The environment of a service: KAFKA_…, TOPIC_PREFIX, TRUST_ANCHORS_FILE. */
  env: Record<string, string | undefined>;
  nowMs: number;
}

/**
 * Decides whether a release of a service may go live beside all releases that run. Unknown means no.
 * @param candidate its contracts, or the reading of them
 * @throws ConfigurationError that names every missing or invalid setting
 * @throws if Kafka does not answer or refuses
 */
export async function canDeploy(
  candidate: DeclaredContracts | Promise<DeclaredContracts>,
  asker: Asker,
): Promise<DeployVerdict> {
  const startedAt = performance.now();
  const [contracts, { running, undeclared }] = await Promise.all([candidate, whatRuns(asker)]);
  const verdict = judge(contracts, running, undeclared, asker.nowMs);
  return { ...verdict, tookMs: Math.round(performance.now() - startedAt) };
}

async function whatRuns({ program, env }: Pick<Asker, 'program' | 'env'>): Promise<RunningReleases> {
  const settings = await readEnvironment(environment, env);
  const logger = createLogger({ service: program, level: 'silent', confidentialFields: [] });
  const kafka = createKafka({ ...kafkaConnection(settings), clientId: contractsGroupOf(program), logger });
  return findRunningReleases(kafka, {
    groupId: settings.TOPIC_PREFIX + contractsGroupOf(program),
    topicPrefix: settings.TOPIC_PREFIX,
    trustAnchors: settings.TRUST_ANCHORS_FILE,
  });
}

function judge(
  candidate: DeclaredContracts,
  running: readonly Declaration[],
  undeclared: readonly string[],
  nowMs: number,
): Omit<DeployVerdict, 'tookMs'> {
  const on = new Date(nowMs).toISOString().slice(0, 'YYYY-MM-DD'.length);
  const releaseId = releaseIdOf(candidate);
  const unknown = [...undeclared];
  const conflicts: Conflict[] = [];
  for (const declaration of running) {
    try {
      const contracts = decodeContracts(declaration);
      conflicts.push(...conflictsBetween(candidate, { releaseId: declaration.releaseId, contracts }, on));
    } catch (error) {
      if (!(error instanceof ContractsInputError)) throw error;
      unknown.push(`${declaration.service}: ${error.message}`);
    }
  }
  const runsAlready = running.some((one) => one.service === candidate.service && one.releaseId === releaseId);
  return {
    service: candidate.service,
    releaseId,
    canDeploy: runsAlready || (conflicts.length === 0 && unknown.length === 0),
    runsAlready,
    beside: running.map(({ service, releaseId: of, declaredAt }) => ({ service, releaseId: of, declaredAt })),
    conflicts,
    unknown,
  };
}

/** Writes a verdict for people: each conflict in a paragraph. */
export function verdictText(verdict: DeployVerdict): string {
  const { service, releaseId, beside, conflicts, unknown } = verdict;
  const running = [...new Set(beside.map((one) => one.service))].join(', ');
  const name = `${service}, release ${shortReleaseId(releaseId)},`;
  const ending = verdict.runsAlready
    ? `${name} runs already and may be started again.\n`
    : verdict.canDeploy
      ? `${name} may go live${running === '' ? ': nothing runs yet' : ` beside ${running}`}.\n`
      : `${name} must not go live.\n`;
  return [...conflicts.map(breakText), ...unknown.map((one) => `Not known: ${one}.\n`), ending].join('\n');
}
