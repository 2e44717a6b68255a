import { program, type ExitStatus } from '@tallystick/stack';
import type { ProducerFlags } from '../command.ts';
import { producerKafkaUser } from '../generate/users.ts';
import { yamlOf } from '../generate/generated-files.ts';

/** Runs `tallystick k8s producer`. */
export const producer = program(async ({ id }: ProducerFlags): Promise<ExitStatus> => {
  process.stdout.write(yamlOf([producerKafkaUser(id)]));
  return 0;
});
