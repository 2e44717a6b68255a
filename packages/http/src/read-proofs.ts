import { CodedError } from '@tallystick/contracts';
import { transaction, type Pool, type Statement } from '@tallystick/postgres';
import type { DpopProof } from '@tallystick/security';
import { SharedStatements } from './shared-statements.ts';
import { proofName, useProofs } from './used-proofs.ts';

/**
 * Does not wait for the disk: after a crash of the database, a proof of its last moment might count once more, for a read.
 */
const WITHOUT_FLUSH: Statement = {
  name: 'used_proof_without_flush',
  text: 'SET LOCAL synchronous_commit = off',
};

/** Lets each proof of a read count once, in all replicas (RFC 9449 §11.1). Reads share statements. */
export class ReadProofs {
  readonly #uses: SharedStatements<DpopProof, boolean>;

  constructor(pool: Pool) {
    this.#uses = new SharedStatements(async (proofs) => {
      const unused = await transaction(pool, (tx) => {
        tx.write(WITHOUT_FLUSH);
        return useProofs(tx, proofs);
      });
      return proofs.map((proof) => unused.delete(proofName(proof)));
    });
  }

  /** @throws CodedError `dpop.replayed` */
  async use(proof: DpopProof): Promise<void> {
    if (!(await this.#uses.add(proof))) throw new CodedError('dpop.replayed');
  }
}
