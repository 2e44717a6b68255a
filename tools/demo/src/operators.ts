import { readFile } from 'node:fs/promises';
import { OAuthClient, type Answer, type AnswerBody, type CallArguments } from '@tallystick/client';
import { powerOf, type OperationDefinition, type Power } from '@tallystick/contracts';
import { isPower, type StackFile } from '@tallystick/stack';
import { ApiClient } from './api-client.ts';
import { newDpopKey } from './dpop-key.ts';

/** The operators' clients, each with one power. */
export class Operators {
  readonly services: StackFile['services'];
  readonly #clients: ReadonlyMap<Power, ApiClient>;

  private constructor(services: StackFile['services'], clients: ReadonlyMap<Power, ApiClient>) {
    this.services = services;
    this.#clients = clients;
  }

  /** Gets a token for each client by its key. @throws Error if the stack file names no client with a private key */
  static async signIn({ clients, services }: StackFile): Promise<Operators> {
    const signedIn = await Promise.all(
      clients.map(async ({ client_id: clientId, privateJwk, ...client }) => {
        if (!isPower(clientId) || privateJwk === undefined) return undefined;
        const dpopKey = await newDpopKey();
        const oauth = await OAuthClient.discover({
          issuer: services.auth,
          clientId,
          privateJwk: JSON.parse(await readFile(privateJwk, 'utf8')) as object,
        });
        const { accessToken } = await oauth.clientCredentials(String(client['scope']), dpopKey);
        return [clientId, new ApiClient(services, accessToken, dpopKey)] as const;
      }),
    );
    const found = signedIn.filter((one) => one !== undefined);
    if (found.length === 0) throw new Error('the stack file names no client of operators with a private key');
    return new Operators(services, new Map(found));
  }

  /** Returns the client with a power. */
  with(power: Power): ApiClient {
    const client = this.#clients.get(power);
    if (client === undefined) throw new Error(`the stack file names no client ${power} with a private key`);
    return client;
  }

  /** Calls an operation as the client that has the power for it. @throws ProblemError for any unsuccessful response */
  call<Operation extends OperationDefinition>(
    operation: Operation,
    ...call: CallArguments<Operation>
  ): Promise<Answer<AnswerBody<Operation>>> {
    return this.with(powerOf(operation.scope)!).call(operation, ...call);
  }
}
