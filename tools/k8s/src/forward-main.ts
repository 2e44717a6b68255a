import { parseArgs } from 'node:util';
import { reportFault, SettingError, stopOnExit } from '@tallystick/stack';
import { startForwards } from './cluster/forward.ts';

const usage = `Usage: npm run k8s:forward

Makes a cluster with the overlay "local" reachable from this machine, at the addresses that its stack.json names, until
Ctrl-C. A forward whose pod ends is opened anew.
`;

try {
  if (isHelp()) process.stdout.write(usage);
  else {
    const forwards = await startForwards();
    stopOnExit(() => forwards.stop());
    process.stdout.write(
      'auth 8081, account 8082, card 8083, payment 8084, Kafka 19092, Postgres 15432, Jaeger 16686. Ctrl-C closes them.\n',
    );
  }
} catch (fault) {
  process.exitCode = reportFault(fault);
}

function isHelp(): boolean {
  try {
    return parseArgs({ options: { help: { type: 'boolean', default: false } } }).values.help;
  } catch (error) {
    throw new SettingError(
      `${(error as Error).message.split('. ')[0]}; npm run k8s:forward -- --help tells more`,
      {
        cause: error,
      },
    );
  }
}
