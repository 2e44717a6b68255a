import { buildCommand } from '@stricli/core';
import { coreServices, type CoreServiceName } from '@tallystick/contracts';
import {
  checkedBy,
  directoryFlag,
  numberWithin,
  oneOf,
  seed,
  switchFlag,
} from '@tallystick/stack/command-line.ts';
import * as z from 'zod';

export interface FuzzFlags {
  only?: readonly CoreServiceName[];
  http?: boolean;
  messages?: boolean;
  /** generated requests for each operation and phase, and messages for each version of a type */
  examples: number;
  seed?: number;
  stack?: string;
  directory: string;
}

export const fuzzCommand = buildCommand<FuzzFlags>({
  loader: async () => (await import('./main.ts')).fuzz,
  parameters: {
    flags: {
      only: {
        kind: 'parsed',
        parse: oneOf(coreServices, 'service'),
        placeholder: 'service',
        variadic: ',',
        brief: 'Fuzz only these services',
        optional: true,
      },
      http: switchFlag('Fuzz only the HTTP interfaces'),
      messages: switchFlag('Fuzz only the messages on Kafka; needs no Python'),
      examples: {
        kind: 'parsed',
        parse: numberWithin(z.int().min(1).max(100_000)),
        placeholder: 'N',
        brief:
          'Most generated requests for an operation; valid messages of a type, and as many nearly valid ones',
        default: '20',
      },
      seed: {
        kind: 'parsed',
        parse: seed,
        placeholder: 'N',
        brief: 'Repeat the run of this seed; by default a random seed, which is printed',
        optional: true,
      },
      stack: {
        kind: 'parsed',
        parse: checkedBy(z.string().min(1, 'must name a file')),
        placeholder: 'stack.json',
        brief: 'Fuzz a running system of this machine, given its stack.json',
        optional: true,
      },
      directory: directoryFlag('.tallystick/fuzz'),
    },
  },
  docs: {
    brief: 'Fuzz every message by its schema, and every HTTP interface by its OpenAPI document',
    fullDescription: `Starts its own system on this machine, signs a customer and the operators in, and generates:

messages  from the schema of each version of each message, valid and nearly valid ones, sealed by a party that may send
          them. A valid one is handled, and a valid command answered; any other is quarantined by its schema. Afterwards
          the trial balance is zero, and an honest order is carried out.
requests  from /openapi.json of each service, with Schemathesis. No answer may be a 5xx, have a status or a header that
          is not documented, or a body that its schema refuses. Needs Python 3.10 or later; the first run downloads
          Schemathesis with pip.

Exit status: 0 if everything ended as documented, 1 if not, 2 for a wrong flag.`,
  },
});
