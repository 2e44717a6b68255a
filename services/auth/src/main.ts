import { ConfigurationError } from '@tallystick/security';
import { readConfig } from './config.ts';
import { startAuth } from './service.ts';

try {
  const service = await startAuth(readConfig(process.env));
  const stop = async (): Promise<void> => {
    await service.stop();
    process.exit(0);
  };
  process.once('SIGTERM', () => void stop());
  process.once('SIGINT', () => void stop());
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(error.exitCode);
}
