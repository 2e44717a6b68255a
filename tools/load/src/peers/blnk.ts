import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onFreePorts, startProcess, type SupervisedProcess } from '@tallystick/stack';
import * as z from 'zod';
import { CLIENTS_MAX } from './command.ts';
import { PeerApi } from './peer-api.ts';
import { PeerRefusal, type Peer, type PeerTransfer } from './peer.ts';
import { answers, isOpen, withoutTls } from './program.ts';

const run = promisify(execFile);
const CURRENCY = 'EUR';
const START_TIMEOUT_MS = 60_000;
/** The account without limit from which money comes in. */
const WORLD = '@World';

const ledgerAnswer = z.object({ ledger_id: z.string() });
const balanceAnswer = z.object({ balance_id: z.string() });
const transactionAnswer = z.object({ status: z.string() });

/** Blnk, by its API. Transfers skip its queue, so that an answer means that the money has moved. It needs `redis-server`. */
export const blnk: Peer = {
  name: 'blnk',
  start: (binary, databaseUrl, directory) =>
    onFreePorts(2, async ([port, redisPort]) => {
      const env = {
        PATH: process.env['PATH'],
        BLNK_PROJECT_NAME: 'load',
        BLNK_SERVER_PORT: String(port),
        BLNK_DATA_SOURCE_DNS: withoutTls(databaseUrl),
        BLNK_REDIS_DNS: `127.0.0.1:${redisPort}`,
        // Nothing of the machine is told to anybody.
        BLNK_ENABLE_TELEMETRY: 'false',
      };
      const redis = await startRedis(redisPort!, directory);
      const baseUrl = `http://127.0.0.1:${port}`;
      let server: SupervisedProcess;
      try {
        await run(binary, ['migrate', 'up'], { env, cwd: directory });
        server = await startProcess({
          name: 'blnk',
          command: binary,
          args: ['start'],
          env,
          cwd: directory,
          logFile: join(directory, 'blnk.log'),
          pidDirectory: join(directory, 'pids'),
          readyWhen: () => answers(`${baseUrl}/health`),
          timeoutMs: START_TIMEOUT_MS,
        });
      } catch (error) {
        await redis.stop();
        throw error;
      }
      const api = new PeerApi(baseUrl, CLIENTS_MAX);
      return {
        parts: [
          { name: 'blnk', pid: server.pid },
          { name: 'redis', pid: redis.pid },
        ],
        openAccounts: (count) => openAccounts(api, count),
        fund: (to, amountMinor) =>
          post(api, { from: WORLD, to, amountMinor, reference: `fund-${to}` }, { allow_overdraft: true }),
        transfer: (transfer) => post(api, transfer),
        async stop() {
          api.close();
          await server.stop();
          await redis.stop();
        },
      };
    }),
};

/** Redis, which Blnk needs for its locks. It keeps nothing. */
function startRedis(port: number, directory: string): Promise<SupervisedProcess> {
  return startProcess({
    name: 'redis',
    command: 'redis-server',
    args: ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', directory],
    env: { PATH: process.env['PATH'] },
    logFile: join(directory, 'redis.log'),
    pidDirectory: join(directory, 'pids'),
    readyWhen: () => isOpen(port),
    timeoutMs: START_TIMEOUT_MS,
  });
}

async function openAccounts(api: PeerApi, count: number): Promise<string[]> {
  const { ledger_id } = ledgerAnswer.parse(await api.post('/ledgers', { name: 'load' }));
  const one = async (): Promise<string> => {
    const answer = await api.post('/balances', { ledger_id, currency: CURRENCY });
    return balanceAnswer.parse(answer).balance_id;
  };
  return Promise.all(Array.from({ length: count }, one));
}

async function post(
  api: PeerApi,
  { reference, from, to, amountMinor }: PeerTransfer,
  more: { allow_overdraft?: true } = {},
): Promise<void> {
  const answer = await api.post('/transactions', {
    reference,
    source: from,
    destination: to,
    precise_amount: amountMinor,
    precision: 100,
    currency: CURRENCY,
    description: 'load',
    skip_queue: true,
    ...more,
  });
  const { status } = transactionAnswer.parse(answer);
  if (status !== 'APPLIED') throw new PeerRefusal(`${reference} is ${status}`);
}
