import { CodedError } from '@tallystick/contracts';
import { transaction, type Pool, type Statement } from '@tallystick/postgres';
import type { DpopProof } from '@tallystick/security';
import { proofName, useProofs } from './used-proofs.ts';

interface Waiting {
  proof: DpopProof;
  resolve: () => void;
  reject: (fault: unknown) => void;
}

/**
 * Does not wait for the disk: after a crash of the database, a proof of its last moment might count once more, for a read.
 */
const WITHOUT_FLUSH: Statement = {
  name: 'used_proof_without_flush',
  text: 'SET LOCAL synchronous_commit = off',
};

/**
 * Lets each proof of a read count once, in all replicas (RFC 9449 §11.1). Reads that arrive while a statement runs share
 * the next one.
 */
export class ReadProofs {
  readonly #pool: Pool;
  #waiting: Waiting[] = [];
  #isRunning = false;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** @throws CodedError `dpop.replayed` */
  use(proof: DpopProof): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ proof, resolve, reject });
      if (!this.#isRunning) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        const unused = await transaction(this.#pool, (tx) => {
          tx.write(WITHOUT_FLUSH);
          return useProofs(
            tx,
            batch.map(({ proof }) => proof),
          );
        });
        for (const { proof, resolve, reject } of batch)
          if (unused.delete(proofName(proof))) resolve();
          else reject(new CodedError('dpop.replayed'));
      } catch (fault) {
        for (const { reject } of batch) reject(fault);
      }
    }
    this.#isRunning = false;
  }
}
