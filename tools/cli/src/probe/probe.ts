import { fund } from '@tallystick/attack';
import { ConfigurationError } from '@tallystick/config';
import { Operators } from '@tallystick/demo';
import { NoMoneyError, probe as run, type ProbeOptions } from '@tallystick/probe';
import {
  probeSettingsOf,
  program,
  readStackFile,
  say,
  SettingError,
  trustAuthority,
  type ExitStatus,
} from '@tallystick/stack';
import { startTelemetry, stopTelemetry } from '@tallystick/telemetry';
import type { ProbeFlags } from './command.ts';

type Environment = Record<string, string | undefined>;

/** Runs `tallystick probe`. */
export const probe = program(
  async ({
    timeout: limitMs,
    every: everyMs,
    metricsFile,
    stack,
    json = false,
  }: ProbeFlags): Promise<ExitStatus> => {
    const options = { limitMs, everyMs, metricsFile, json };
    try {
      return stack === undefined ? await runWith(options, process.env) : await runOnStack(options, stack);
    } catch (error) {
      if (error instanceof ConfigurationError) throw new SettingError(error.message, { cause: error });
      throw error;
    } finally {
      await stopTelemetry();
    }
  },
);

function runWith(options: ProbeOptions, env: Environment): Promise<0 | 1> {
  const otlpEndpoint = env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  startTelemetry({ serviceName: 'probe', otlpEndpoint, exportMetrics: true });
  return run(options, env, (line) => void process.stdout.write(`${line}\n`));
}

/** Probes a system of this machine, and transfers money to the probe from its treasury if the probe has none. */
async function runOnStack(options: ProbeOptions, path: string): Promise<0 | 1> {
  const stack = readStackFile(path);
  trustAuthority(stack);
  const env = probeSettingsOf(stack);
  try {
    return await runWith(options, env);
  } catch (error) {
    if (!(error instanceof NoMoneyError)) throw error;
    await stopTelemetry();
    say(`The treasury of the stack transfers money to ${error.accountId}, once.`);
    await fund(await Operators.signIn(stack), [error.accountId]);
    return runWith(options, env);
  }
}
