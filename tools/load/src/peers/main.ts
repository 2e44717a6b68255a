import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isEnding, printJson, program, SettingError, stopOnExit, type ExitStatus } from '@tallystick/stack';
import { Progress } from '../progress.ts';
import { runLoad } from '../run-load.ts';
import type { Summary } from '../summary.ts';
import { findParts } from '../system/processes.ts';
import { openTarget, type Target } from '../system/target.ts';
import { alignedTable } from '../aligned-table.ts';
import { blnk } from './blnk.ts';
import type { ComparePeersFlags } from './command.ts';
import { formance } from './formance.ts';
import { measurePeer, type PeerFigures, type PeerLoad } from './measure-peer.ts';
import type { Peer } from './peer.ts';

const LIMIT_SECONDS = 10;

/** Runs `tallystick compare-peers`. */
export const comparePeers = program(async (flags: ComparePeersFlags): Promise<ExitStatus> => {
  const given = [formance, blnk].flatMap((peer) => {
    const binary = flags[peer.name];
    return binary === undefined ? [] : [{ peer, binary: resolve(binary) }];
  });
  if (given.length === 0) throw new SettingError('Name the program of a ledger: --formance or --blnk.');
  const progress = new Progress();
  const load = { ...flags, mix: 'account', via: 'kafka', hot: 0, signatures: 'batch', replicas: 1 } as const;
  const target = await openTarget(load, progress.say);
  try {
    const tallystick = await runLoad(target, { ...load, limitSeconds: LIMIT_SECONDS }, progress);
    const peers: PeerFigures[] = [];
    for (const { peer, binary } of given) {
      progress.say(`Posting transfers in ${peer.name} for ${flags.seconds} s, ${flags.clients} at once`);
      const postgres = findParts(target.stack).find(({ name }) => name === 'postgres')!;
      const limitPerSecond = tallystick.limit_per_second;
      peers.push(await measured(peer, binary, target, { ...flags, limitPerSecond, postgres }));
    }
    if (flags.json === true) printJson({ tallystick, peers });
    else process.stdout.write(tableOf(tallystick, peers));
    return Object.values(tallystick.checks).every(Boolean) ? 0 : 1;
  } finally {
    if (!isEnding()) await target.stop();
  }
});

async function measured(peer: Peer, binary: string, target: Target, load: PeerLoad): Promise<PeerFigures> {
  const database = await target.scratch();
  const unregisterDatabase = stopOnExit(() => database.drop());
  try {
    const directory = join(target.directory, peer.name);
    mkdirSync(join(directory, 'pids'), { recursive: true });
    const running = await peer.start(binary, database.url, directory);
    const unregister = stopOnExit(() => running.stop());
    try {
      return await measurePeer(peer.name, running, load);
    } finally {
      await running.stop();
      unregister();
    }
  } finally {
    await database.drop();
    unregisterDatabase();
  }
}

function tableOf(tallystick: Summary, peers: readonly PeerFigures[]): string {
  const rows: (readonly (string | number)[])[] = [
    ['', 'per second', 'of the limit', 'p50 ms', 'p99 ms', 'CPU ms each', 'refused'],
    [
      'tallystick, payments',
      tallystick.payments_per_second,
      tallystick.ratio_to_limit,
      tallystick.p50_ms,
      tallystick.p99_ms,
      tallystick.cpu_ms_per_payment,
      tallystick.failed,
    ],
    ...peers.map((peer) => [
      `${peer.name}, transfers`,
      peer.transfers_per_second,
      peer.ratio_to_limit,
      peer.p50_ms,
      peer.p99_ms,
      peer.cpu_ms_per_transfer,
      peer.refused,
    ]),
    ['Postgres alone, transfers', tallystick.limit_per_second, 1, '', '', '', ''],
  ];
  return alignedTable(rows.map((row) => row.map(String)));
}
