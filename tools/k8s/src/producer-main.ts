import { producerId } from '@tallystick/contracts';
import { asksForHelp, readFlags, reportFault } from '@tallystick/stack';
import * as z from 'zod';
import { yamlOf } from './generate/generated-files.ts';
import { producerKafkaUser } from './generate/users.ts';

const usage = `Usage: npm run k8s:producer -- --id NAME

Prints the KafkaUser of a third party, for kubectl apply: it may write commands that outsiders may send and read what
comes of them. The operator puts its password into the Secret kafka-NAME; its key is registered with auth by itself
(POST /v1/producers/NAME/keys).

Options:
  --id NAME   the producer, as it is registered with auth
  --help      show this
`;

const schema = z.strictObject({ id: producerId });

try {
  const args = process.argv.slice(2);
  if (asksForHelp(args)) process.stdout.write(usage);
  else {
    const { id } = readFlags({ command: 'npm run k8s:producer', schema, texts: ['id'] }, args);
    process.stdout.write(yamlOf([producerKafkaUser(id)]));
  }
} catch (fault) {
  process.exitCode = reportFault(fault);
}
