import { buildCommand } from '@stricli/core';
import { services, type ServiceName } from '@tallystick/contracts';
import { checkedBy, directoryFlag, numberWithin, oneOf, seed } from '@tallystick/stack/command-line.ts';
import * as z from 'zod';

export interface FuzzFlags {
  only?: readonly ServiceName[];
  /** generated requests for each operation and phase */
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
        parse: oneOf(services, 'service'),
        placeholder: 'service',
        variadic: ',',
        brief: 'Fuzz only these services',
        optional: true,
      },
      examples: {
        kind: 'parsed',
        parse: numberWithin(z.int().min(1).max(100_000)),
        placeholder: 'N',
        brief: 'Most generated requests for an operation',
        default: '20',
      },
      seed: {
        kind: 'parsed',
        parse: seed,
        placeholder: 'N',
        brief: 'Repeat the requests of this seed; by default a random seed, which is printed',
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
    brief: 'Fuzz every HTTP interface by its OpenAPI document, with signed requests',
    fullDescription: `Starts its own system on this machine, signs a customer and the operators in, and lets Schemathesis generate requests
from /openapi.json of each service. No answer may be a 5xx, have a status or a header that is not documented, or a body
that its schema refuses. Needs Python 3.10 or later; the first run downloads Schemathesis with pip.

Exit status: 0 if every answer was as documented, 1 if not, 2 for a wrong flag.`,
  },
});
