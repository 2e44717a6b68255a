import { buildCommand } from '@stricli/core';
import { checkedBy, jsonFlag } from '@tallystick/stack/command-line.ts';
import { producerId } from '@tallystick/contracts';
import * as z from 'zod';

export interface SandboxFlags {
  /** path of a stack.json */
  stack: string;
  producer?: string;
  json?: boolean;
}

export const sandboxCommand = buildCommand<SandboxFlags>({
  loader: async () => (await import('./main.ts')).sandbox,
  parameters: {
    flags: {
      stack: {
        kind: 'parsed',
        parse: checkedBy(z.string().min(1, 'must name a file')),
        placeholder: 'stack.json',
        brief: 'The running system, by its stack.json',
        default: '.tallystick/stack.json',
      },
      producer: {
        kind: 'parsed',
        parse: checkedBy(producerId),
        placeholder: 'id',
        brief: 'Enrol a new third party with this id; by default the stack’s own one, acme, is used',
        optional: true,
      },
      json: jsonFlag,
    },
  },
  docs: {
    brief: 'Give a running stack accounts with money and a third party with a mandate, to try it',
    fullDescription: `Opens an account for each of the stack's two customers, puts 1,000.00 EUR on the first, and lets a third party debit it
(100.00 EUR a payment). Writes sandbox.json beside stack.json: all that a program needs to pay over HTTP or Kafka. Each
run makes new accounts.

Exit status: 0 if the sandbox is ready, 1 if not, 2 for a wrong flag.`,
  },
});
