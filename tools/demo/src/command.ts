import { buildCommand } from '@stricli/core';
import { checkedBy, directoryFlag, jsonFlag, switchFlag } from '@tallystick/stack/command-line.ts';
import * as z from 'zod';

export interface DemoFlags {
  exit?: boolean;
  tls?: boolean;
  compose?: boolean;
  /** path of a stack.json */
  stack?: string;
  directory: string;
  json?: boolean;
}

export const demoCommand = buildCommand<DemoFlags>({
  loader: async () => (await import('./main.ts')).demo,
  parameters: {
    flags: {
      exit: switchFlag('Exit after the demo: status 0 if every step held, 1 if one failed'),
      tls: switchFlag('Encrypt every connection; each program has its own Kafka user'),
      compose: switchFlag(
        'Run on the containers of infra/docker/compose.yaml (first: npx tallystick images)',
      ),
      stack: {
        kind: 'parsed',
        parse: checkedBy(z.string().min(1, 'must name a file')),
        placeholder: 'stack.json',
        brief: 'Run on a running system, given its stack.json',
        optional: true,
      },
      directory: directoryFlag('.tallystick'),
      json: jsonFlag,
    },
  },
  docs: {
    brief: 'Run the demo on its own stack',
    fullDescription: `Starts Kafka, Postgres, a trace store, the services and the console on this machine, runs the demo with real input, prints
each step, and stays up until Ctrl-C.`,
  },
});
