import { ConfigurationError } from '@tallystick/security';
import { stopTelemetry } from '@tallystick/telemetry';

/** A service that hangs while it stops is ended after this time; its work is safe in the database. */
const STOP_TIMEOUT_MS = 20_000;

/**
 * The frame of a `main.ts`: starts a service, stops it on SIGTERM and SIGINT, and ends with status 2 and a message
 * that names the variable or file where a setting is wrong.
 */
export async function runService(start: () => Promise<{ stop(): Promise<void> }>): Promise<void> {
  try {
    const service = await start();
    const stop = async (): Promise<void> => {
      setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
      await service.stop();
      await stopTelemetry();
      process.exit(0);
    };
    process.once('SIGTERM', () => void stop());
    process.once('SIGINT', () => void stop());
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(error.exitCode);
  }
}
