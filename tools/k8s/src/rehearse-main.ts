import { numberFlag, readFlags, reportFault } from '@tallystick/stack';
import * as z from 'zod';
import { rehearse } from './cluster/rehearse.ts';

const usage = `Usage: npm run k8s:rehearse -- [options]

On the cluster of KUBECONFIG: applies the overlay "local" (with keys where there are none), tells the demo's story, then
restarts every service, one after the other, while payments come in over Kafka and a client in the cluster asks each
service over HTTP. Nothing may be lost, nothing may happen twice, and no request may fail. The images must be there
(npm run images).

Options:
  --seconds N   how long payments come in (default 120); all restarts must fit into it
  --rate N      payments a second (default 50)
  --json        print one JSON object on stdout at the end
  --help        show this

The exit status is 0 if everything held, 1 if not, 2 for a wrong option.
`;

const schema = z.strictObject({
  seconds: numberFlag(z.number().min(30).max(3_600)).prefault('120'),
  rate: numberFlag(z.number().min(1).max(10_000)).prefault('50'),
  json: z.boolean().default(false),
  help: z.boolean().default(false),
});

try {
  const flags = readFlags(
    { command: 'npm run k8s:rehearse', schema, texts: ['seconds', 'rate'], switches: ['json', 'help'] },
    process.argv.slice(2),
  );
  if (flags.help) process.stdout.write(usage);
  else {
    const result = await rehearse(flags, (line) => void process.stderr.write(`${line}\n`));
    if (flags.json) process.stdout.write(`${JSON.stringify(result)}\n`);
    else for (const line of result.lines) process.stdout.write(`${line}\n`);
    process.exitCode = result.held ? 0 : 1;
  }
} catch (fault) {
  process.exitCode = reportFault(fault);
}
