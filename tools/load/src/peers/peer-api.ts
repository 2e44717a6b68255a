import { KeptConnections } from '../orders/kept-connections.ts';
import { PeerRefusal } from './peer.ts';

/** Characters of an answer that an error repeats. */
const SHOWN_MAX = 300;

/** Posts JSON to a peer. */
export class PeerApi {
  readonly #baseUrl: string;
  readonly #connections: KeptConnections;

  constructor(baseUrl: string, connectionsMax: number) {
    this.#baseUrl = baseUrl;
    this.#connections = new KeptConnections(connectionsMax);
  }

  /**
   * @returns the answer, parsed; `undefined` if it is empty
   * @throws PeerRefusal for a status that is not 2xx
   */
  async post(path: string, body: unknown): Promise<unknown> {
    const headers = { 'Content-Type': 'application/json' };
    const { status, text } = await this.#connections.post(
      this.#baseUrl + path,
      headers,
      JSON.stringify(body),
    );
    if (status < 200 || status > 299)
      throw new PeerRefusal(`POST ${path} was answered with ${status}: ${text.slice(0, SHOWN_MAX)}`);
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  }

  close(): void {
    this.#connections.close();
  }
}
