import { join } from 'node:path';
import { onFreePorts, startProcess } from '@tallystick/stack';
import { CLIENTS_MAX } from './command.ts';
import { PeerApi } from './peer-api.ts';
import type { Peer } from './peer.ts';
import { answers, withoutTls } from './program.ts';

const LEDGER = '/v2/load';
const ASSET = 'EUR/2';
const START_TIMEOUT_MS = 60_000;

/** Formance's ledger, by its API of version 2. Its accounts exist once money is sent to them. */
export const formance: Peer = {
  name: 'formance',
  start: (binary, databaseUrl, directory) =>
    onFreePorts(1, async ([port]) => {
      const baseUrl = `http://127.0.0.1:${port}`;
      const server = await startProcess({
        name: 'formance',
        command: binary,
        args: ['serve', '--bind', `127.0.0.1:${port}`, '--auto-upgrade'],
        env: { PATH: process.env['PATH'], POSTGRES_URI: withoutTls(databaseUrl) },
        logFile: join(directory, 'formance.log'),
        pidDirectory: join(directory, 'pids'),
        readyWhen: () => answers(`${baseUrl}/_healthcheck`),
        timeoutMs: START_TIMEOUT_MS,
      });
      const api = new PeerApi(baseUrl, CLIENTS_MAX);
      const post = async (source: string, destination: string, amount: number, reference?: string) => {
        const postings = [{ source, destination, amount, asset: ASSET }];
        await api.post(`${LEDGER}/transactions`, { postings, reference, metadata: {} });
      };
      await api.post(LEDGER, {});
      return {
        parts: [{ name: 'formance', pid: server.pid }],
        openAccounts: async (count) => Array.from({ length: count }, (_, at) => `account:${at}`),
        fund: (to, amountMinor) => post('world', to, amountMinor),
        transfer: ({ from, to, amountMinor, reference }) => post(from, to, amountMinor, reference),
        async stop() {
          api.close();
          await server.stop();
        },
      };
    }),
};
