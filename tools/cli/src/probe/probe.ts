import { ConfigurationError } from '@tallystick/config';
import { probe as run } from '@tallystick/probe';
import {
  probeSettingsOf,
  program,
  readStackFile,
  SettingError,
  trustAuthority,
  type ExitStatus,
} from '@tallystick/stack';
import { startTelemetry, stopTelemetry } from '@tallystick/telemetry';
import type { ProbeFlags } from './command.ts';

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
    const env = stack === undefined ? process.env : environmentOf(stack);
    const otlpEndpoint = env['OTEL_EXPORTER_OTLP_ENDPOINT'];
    startTelemetry({ serviceName: 'probe', otlpEndpoint, exportMetrics: true });
    try {
      return await run(options, env, (line) => void process.stdout.write(`${line}\n`));
    } catch (error) {
      if (error instanceof ConfigurationError) throw new SettingError(error.message, { cause: error });
      throw error;
    } finally {
      await stopTelemetry();
    }
  },
);

function environmentOf(path: string): Record<string, string | undefined> {
  const stack = readStackFile(path);
  trustAuthority(stack);
  return probeSettingsOf(stack);
}
