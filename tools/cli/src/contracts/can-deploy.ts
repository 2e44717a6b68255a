import { ConfigurationError } from '@tallystick/config';
import { canDeploy, verdictText } from '@tallystick/service/can-deploy.ts';
import { printJson, program, type ExitStatus } from '@tallystick/stack/command-line.ts';
import { SettingError } from '@tallystick/stack/errors.ts';
import { readStackFile, stackFilePath } from '@tallystick/stack/stack-file.ts';
import { readCandidate } from './candidate.ts';
import type { CanDeployFlags, Candidate } from './command.ts';

/** Names the asking program towards the brokers: an operator's rights are on groups of this name. */
const PROGRAM = 'admin';

/** Runs `tallystick contracts can-deploy`. */
export const canDeployCommand = program(
  async ({ directory, json }: CanDeployFlags, candidate: Candidate): Promise<ExitStatus> => {
    const env = process.env['KAFKA_BROKERS'] === undefined ? environmentOfStack(directory) : process.env;
    const contracts = readCandidate(candidate);
    try {
      const verdict = await canDeploy(contracts, { program: PROGRAM, env, nowMs: Date.now() });
      if (json === true) printJson(verdict);
      else process.stdout.write(verdictText(verdict));
      return verdict.canDeploy ? 0 : 1;
    } catch (error) {
      if (error instanceof ConfigurationError) throw new SettingError(error.message, { cause: error });
      throw error;
    }
  },
);

/** Returns the environment that locates the topics of a running stack. */
function environmentOfStack(directory: string): Record<string, string> {
  const { kafka, authority, trustAnchors } = readStack(directory);
  return {
    KAFKA_BROKERS: kafka.brokers.join(','),
    TOPIC_PREFIX: kafka.topicPrefix ?? '',
    TRUST_ANCHORS_FILE: trustAnchors,
    ...(kafka.user === undefined || authority === undefined
      ? {}
      : {
          KAFKA_CA_FILE: authority,
          KAFKA_USERNAME: kafka.user.username,
          KAFKA_PASSWORD_FILE: kafka.user.passwordFile,
        }),
  };
}

function readStack(directory: string): ReturnType<typeof readStackFile> {
  const path = stackFilePath(directory);
  try {
    return readStackFile(path);
  } catch (cause) {
    throw new SettingError(
      `KAFKA_BROKERS is not set, and there is no running stack in ${path}: name the brokers, or run npm run stack`,
      { cause },
    );
  }
}
