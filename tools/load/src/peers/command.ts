import { buildCommand } from '@stricli/core';
import { checkedBy, directoryFlag, jsonFlag, numberWithin } from '@tallystick/stack/command-line.ts';
import * as z from 'zod';

/** Clients at once; a peer answers each before the next transfer of the same client. */
export const CLIENTS_MAX = 256;

export interface ComparePeersFlags {
  /** paths of binaries */
  formance?: string;
  blnk?: string;
  seconds: number;
  accounts: number;
  clients: number;
  directory: string;
  json?: boolean;
}

const binary = checkedBy(z.string().min(1, 'must name a program'));

export const comparePeersCommand = buildCommand<ComparePeersFlags>({
  loader: async () => (await import('./main.ts')).comparePeers,
  parameters: {
    flags: {
      formance: {
        kind: 'parsed',
        parse: binary,
        placeholder: 'program',
        brief: "Formance's ledger",
        optional: true,
      },
      blnk: {
        kind: 'parsed',
        parse: binary,
        placeholder: 'program',
        brief: 'Blnk; it needs redis-server',
        optional: true,
      },
      seconds: {
        kind: 'parsed',
        parse: numberWithin(z.number().min(1).max(3_600)),
        placeholder: 'N',
        brief: 'Length of each measured part',
        default: '20',
      },
      accounts: {
        kind: 'parsed',
        parse: numberWithin(z.int().min(20).max(100_000)),
        placeholder: 'N',
        brief: 'Accounts to open, a tenth of them for merchants',
        default: '1000',
      },
      clients: {
        kind: 'parsed',
        parse: numberWithin(z.int().min(1).max(CLIENTS_MAX)),
        placeholder: 'N',
        brief: 'Transfers at once',
        default: '32',
      },
      directory: directoryFlag('.tallystick/peers'),
      json: jsonFlag,
    },
  },
  docs: {
    brief: 'Measure this system and other ledgers on the same Postgres',
    fullDescription: `Starts Kafka, Postgres and the services, searches the highest rate of payments as \`load\` does, and then lets each
ledger whose program is given post transfers between as many accounts, in a separate database of the same Postgres.
The limit is what that Postgres posts without any ledger, one transfer per transaction.

A payment does more than a transfer: it is signed, authorized, held, captured, and told to both parties. A transfer of
Blnk skips its queue, so that each answer means that the money has moved.

tallystick compare-peers --blnk ./blnk --formance ./ledger

Exit status: 0 if every check of the load held, 1 if not or if a program does not start, 2 for a wrong flag.`,
  },
});
