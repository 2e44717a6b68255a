import { asksForHelp, readFlags, reportFault, stopOnExit } from '@tallystick/stack';
import * as z from 'zod';
import { startForwards } from './cluster/forward.ts';

const usage = `Usage: npm run k8s:forward

Makes a cluster with the overlay "local" reachable from this machine, at the addresses that its stack.json names, until
Ctrl-C. A forward whose pod ends is opened anew.
`;

try {
  const args = process.argv.slice(2);
  if (asksForHelp(args)) process.stdout.write(usage);
  else {
    readFlags({ command: 'npm run k8s:forward', schema: z.strictObject({}) }, args);
    const forwards = await startForwards();
    stopOnExit(() => forwards.stop());
    process.stdout.write(
      'auth 8081, account 8082, card 8083, payment 8084, Kafka 19092, Postgres 15432, Jaeger 16686. Ctrl-C closes them.\n',
    );
  }
} catch (fault) {
  process.exitCode = reportFault(fault);
}
