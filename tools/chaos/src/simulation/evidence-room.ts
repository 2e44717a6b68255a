import {
  messages,
  operations,
  paymentIdOf,
  type DataOf,
  type Evidence,
  type MessageDefinition,
  type OperationDefinition,
  type RequestEvidence,
} from '@tallystick/contracts';
import type { VerifiedEvidence, VerifiedRequest } from '@tallystick/security';
import type * as z from 'zod';

type Order = z.output<typeof operations.createPayment.body>;

const USABLE_UNTIL_S = Number.MAX_SAFE_INTEGER;

/**
 * The data that customers and the card service signed, by its id on the wire. The simulation leaves out cryptography:
 * it looks evidence up here, while a service would verify it.
 */
export class EvidenceRoom {
  readonly #signed = new Map<string, VerifiedEvidence>();

  /** Stores a third party's command, which is evidence itself. */
  order<Definition extends MessageDefinition>(
    iss: string,
    jti: string,
    definition: Definition,
    data: DataOf<Definition>,
  ): void {
    const message = { definition, data, claims: { iss, jti } } as never;
    this.#signed.set(jti, {
      kind: 'order',
      producerId: iss,
      use: { iss, jti, usableUntilS: USABLE_UNTIL_S },
      message,
    });
  }

  /** Stores the card service's approval. @returns the envelope */
  decision(jti: string, data: DataOf<typeof messages.cardDecision>): string {
    const message = { definition: messages.cardDecision, data, claims: { iss: 'card', jti } } as never;
    this.#signed.set(jti, {
      kind: 'decision',
      use: { iss: 'card', jti, usableUntilS: USABLE_UNTIL_S },
      message,
      request: this.#requestFor(data.paymentId),
    });
    return jti;
  }

  /**
   * Stores a customer's request over HTTP.
   * @param signedAtS when it was signed, in seconds since the epoch
   */
  request(
    subject: string,
    jti: string,
    operation: OperationDefinition,
    body: unknown,
    signedAtS: number,
    params: Record<string, string> = {},
  ): RequestEvidence {
    this.#signed.set(jti, {
      kind: 'request',
      use: { iss: subject, jti, usableUntilS: USABLE_UNTIL_S },
      subject,
      operation,
      params,
      body,
      signedAtS,
    });
    return { kind: 'request', operation: operation.id, accessToken: '-', proof: jti, body: '-' };
  }

  /** Finds the holder's order of a payment by card. */
  #requestFor(paymentId: string): VerifiedRequest {
    for (const one of this.#signed.values()) {
      if (one.kind !== 'request' || one.operation.id !== operations.createPayment.id) continue;
      const { source, endToEndId } = one.body as Order;
      const sourceId = source.kind === 'card' ? source.cardId : source.accountId;
      if (paymentIdOf({ subject: one.subject, sourceId, endToEndId }, one.signedAtS) === paymentId)
        return one;
    }
    throw new Error(`nobody ordered ${paymentId}`);
  }

  /** Returns the verified evidence, or an error code if it is invalid. */
  verify(evidence: Evidence): Promise<VerifiedEvidence | { code: 'evidence.invalid' }> {
    const name = evidence.kind === 'request' ? evidence.proof : evidence.envelope;
    return Promise.resolve(this.#signed.get(name) ?? { code: 'evidence.invalid' });
  }
}
