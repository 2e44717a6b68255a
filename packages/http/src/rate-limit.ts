import { CodedError } from '@tallystick/contracts';
import type { RequestHandler, Response } from 'express';
import { clientNetwork } from './client-network.ts';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** The window of every limit, in seconds. */
const WINDOW_S = 1;

/** Limits the requests per second of each party, such as an address or a subject, in this process. */
export class RateLimit {
  readonly #name: string;
  readonly #limiter: RateLimiterMemory;

  /** @param name of the policy in headers, such as `address` */
  constructor(name: string, perSecondMax: number) {
    this.#name = name;
    this.#limiter = new RateLimiterMemory({ keyPrefix: name, points: perSecondMax, duration: WINDOW_S });
  }

  /**
   * Counts a request, and tells the client its rest in `RateLimit` (draft-ietf-httpapi-ratelimit-headers).
   * @param party by its id, such as the client's address
   * @throws CodedError `rate.limited`
   */
  async count(party: string, response: Response): Promise<void> {
    let isLimited = false;
    const state = await this.#limiter.consume(party).catch((refusal: unknown) => {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      isLimited = true;
      return refusal;
    });
    const { remainingPoints, msBeforeNext } = state;
    response.append('RateLimit-Policy', `"${this.#name}";q=${this.#limiter.points};w=${WINDOW_S}`);
    response.append('RateLimit', `"${this.#name}";r=${remainingPoints};t=${Math.ceil(msBeforeNext / 1_000)}`);
    if (isLimited) throw new CodedError('rate.limited');
  }
}

/** Creates the handler that counts each request by the address of its client: IPv6 by /64. */
export function limitAddress(limit: RateLimit): RequestHandler {
  return async (request, response, next) => {
    await limit.count(clientNetwork(request.ip), response);
    next();
  };
}
