import { Tally } from '../phase-tally.ts';
import { cpuSeconds, type Part } from '../system/processes.ts';
import { PeerRefusal, type RunningPeer } from './peer.ts';

/** A measured ledger of others, as in the output of `--json`. */
export interface PeerFigures {
  name: string;
  transfers_per_second: number;
  ratio_to_limit: number;
  p50_ms: number;
  p99_ms: number;
  /** Of the peer and Postgres. */
  cpu_ms_per_transfer: number;
  refused: number;
}

export interface PeerLoad {
  accounts: number;
  clients: number;
  seconds: number;
  /** Transfers per second by Postgres alone. */
  limitPerSecond: number;
  postgres: Part;
}

/** Enough for all transfers of a run. */
const FUNDS_MINOR = 1_000_000_000;
const AMOUNT_MINOR_MAX = 5_000;
/** One of so many accounts is a merchant's, as in the load of payments. */
const MERCHANTS = 10;
const WARM_UP_S = 5;

/**
 * Lets clients post transfers from random payers to random merchants, each client one after another: the rate that the
 * ledger reaches with so many at once.
 * @throws PeerRefusal if accounts cannot be opened or funded
 */
export async function measurePeer(name: string, peer: RunningPeer, load: PeerLoad): Promise<PeerFigures> {
  const accounts = await peer.openAccounts(load.accounts);
  const merchants = accounts.slice(0, Math.max(1, Math.floor(load.accounts / MERCHANTS)));
  const payers = accounts.slice(merchants.length);
  await Promise.all(payers.map((payer) => peer.fund(payer, FUNDS_MINOR)));

  let posted = 0;
  const run = async (seconds: number): Promise<Tally> => {
    const startMs = performance.now();
    const tally = new Tally(startMs);
    const client = async (): Promise<void> => {
      for (let beganMs = startMs; beganMs < startMs + seconds * 1_000; beganMs = performance.now()) {
        posted += 1;
        const order = {
          reference: `load-${posted}`,
          from: anyOf(payers),
          to: anyOf(merchants),
          amountMinor: 1 + Math.floor(Math.random() * AMOUNT_MINOR_MAX),
        };
        try {
          await peer.transfer(order);
          tally.finished(performance.now() - beganMs, beganMs);
        } catch (error) {
          if (!(error instanceof PeerRefusal)) throw error;
          tally.failed(error.message);
        }
      }
    };
    await Promise.all(Array.from({ length: load.clients }, client));
    return tally;
  };
  await run(WARM_UP_S);
  const parts = [...peer.parts, load.postgres];
  const before = cpuSeconds(parts);
  const tally = await run(load.seconds);
  const after = cpuSeconds(parts);

  const perSecond = (tally.finishedCount * 1_000) / tally.elapsedMs();
  const cpuS = Object.entries(after).reduce((sum, [part, s]) => sum + s - before[part]!, 0);
  const { p50_ms, p99_ms } = tally.percentiles();
  return {
    name,
    transfers_per_second: rounded(perSecond, 1),
    ratio_to_limit: rounded(perSecond / load.limitPerSecond, 3),
    p50_ms: rounded(p50_ms, 1),
    p99_ms: rounded(p99_ms, 1),
    cpu_ms_per_transfer: rounded((cpuS * 1_000) / tally.finishedCount, 2),
    refused: tally.failedCount,
  };
}

function anyOf<T>(list: readonly T[]): T {
  return list[Math.floor(Math.random() * list.length)]!;
}

function rounded(value: number, places: number): number {
  return Number(value.toFixed(places));
}
