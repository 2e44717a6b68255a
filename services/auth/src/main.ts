import { parseArgs } from 'node:util';
import { ConfigurationError } from '@tallystick/security';
import { readConfig } from './config.ts';
import { startAuth } from './service.ts';
import { USAGE } from './usage.ts';

/** Ends the process with one clear message where a setting or a flag is wrong. */
function refuse(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

const wantsHelp = ((): boolean => {
  try {
    return parseArgs({ options: { help: { type: 'boolean', default: false } } }).values.help;
  } catch (error) {
    return refuse((error as Error).message);
  }
})();

if (wantsHelp) {
  process.stdout.write(USAGE);
} else {
  try {
    const service = await startAuth(readConfig(process.env));
    const stop = async (): Promise<void> => {
      await service.stop();
      process.exit(0);
    };
    process.once('SIGTERM', () => void stop());
    process.once('SIGINT', () => void stop());
  } catch (error) {
    if (error instanceof ConfigurationError) refuse(error.message);
    throw error;
  }
}
