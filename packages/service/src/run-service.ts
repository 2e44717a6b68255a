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
    if (error instanceof ConfigurationError) {
      process.stderr.write(`${error.message}\n`);
      process.exit(error.exitCode);
    }
    const sentence = missingPart(error);
    if (sentence === undefined) throw error;
    process.stderr.write(`${sentence}\n`);
    process.exit(1);
  }
}

/** Says in a sentence what to do where a part that a service needs is not there; `undefined` for any other fault. */
function missingPart(error: unknown): string | undefined {
  const { code, name, port, message } = error as {
    code?: string;
    name?: string;
    port?: number;
    message?: string;
  };
  if (code === 'EADDRINUSE') return `PORT: ${port} is taken; choose another, or end what listens there.`;
  if (code === 'EACCES' && port !== undefined)
    return `PORT: ${port} may not be opened by this user; choose one above 1023.`;
  if (code === 'ENOSPC') return 'The disk is full; free some space.';
  if (name?.startsWith('KafkaJS'))
    return `KAFKA_BROKERS: no broker can be reached (${message}); start Kafka, or name another.`;
  if (
    code === 'ECONNREFUSED' ||
    code === 'ENOTFOUND' ||
    code === '28P01' ||
    code === '3D000' ||
    code === '57P03'
  ) {
    return `POSTGRES_URL: the database cannot be used (${code}); start Postgres, or name another.`;
  }
  return undefined;
}
