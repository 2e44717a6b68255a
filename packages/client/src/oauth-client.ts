import * as oauth from 'oauth4webapi';
import { protocolStep } from './authorization-error.ts';
import { importPrivateKey, keyPairOf, type DpopKey, type PublicJwk } from './dpop-key.ts';
import { refreshWithinGrace, untilAnswered } from './refresh.ts';
import { RenewedAccess } from './renewed-access.ts';
import { tokensOf, type Tokens } from './tokens.ts';

/** An attempt is cut early enough to be repeated within the server's grace, in milliseconds. */
const ATTEMPT_TIMEOUT_MS = 4_000;

export interface OAuthClientOptions {
  /** The public origin of auth, as in its discovery document. */
  issuer: string;
  /** As registered. */
  clientId: string;
  /** The key of a client that is registered with `private_key_jwt`; public clients have none. */
  privateJwk?: (PublicJwk & { d?: string }) | undefined;
  /** Sends the requests; defaults to the global one. */
  fetch?: typeof fetch | undefined;
}

/** A sign-in between its two steps. Keep it where only this client reads it; it is plain data. */
export interface PendingSignIn {
  /** Where the customer's browser goes. */
  url: string;
  state: string;
  codeVerifier: string;
  redirectUri: string;
  scope: string;
}

/** A client at the authorization server: sign-in by the code flow, client credentials, refresh. */
export class OAuthClient {
  readonly #server: oauth.AuthorizationServer;
  readonly #client: oauth.Client;
  readonly #authentication: oauth.ClientAuth;
  readonly #fetch: typeof fetch;

  private constructor(
    server: oauth.AuthorizationServer,
    client: oauth.Client,
    authentication: oauth.ClientAuth,
    send: typeof fetch,
  ) {
    this.#server = server;
    this.#client = client;
    this.#authentication = authentication;
    this.#fetch = send;
  }

  /**
   * Reads the server's metadata (OpenID Connect Discovery).
   * @throws AuthorizationUnavailableError if the server does not answer
   */
  static async discover(options: OAuthClientOptions): Promise<OAuthClient> {
    const send = options.fetch ?? ((...request) => fetch(...request));
    const issuer = new URL(options.issuer);
    const server = await untilAnswered(() =>
      protocolStep(async () =>
        oauth.processDiscoveryResponse(
          issuer,
          await oauth.discoveryRequest(issuer, requestOptions(issuer, send)),
        ),
      ),
    );
    const authentication =
      options.privateJwk === undefined
        ? oauth.None()
        : oauth.PrivateKeyJwt(await importPrivateKey(options.privateJwk));
    return new OAuthClient(server, { client_id: options.clientId }, authentication, send);
  }

  /**
   * Begins a sign-in: authorization code with PKCE (RFC 7636), its request pushed (RFC 9126) and bound to the key.
   * @param request.scope separated by spaces; `offline_access` gives a refresh token
   * @throws AuthorizationError if the server refuses the client or the request
   */
  async beginSignIn(request: { redirectUri: string; scope: string; key: DpopKey }): Promise<PendingSignIn> {
    const { redirectUri, scope } = request;
    const codeVerifier = oauth.generateRandomCodeVerifier();
    const state = oauth.generateRandomState();
    const parameters = {
      redirect_uri: redirectUri,
      response_type: 'code',
      scope,
      state,
      code_challenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
      // Access that outlives the session always needs consent (OpenID Connect Core §11).
      ...(scope.split(' ').includes('offline_access') ? { prompt: 'consent' } : {}),
    };
    const pushed = await protocolStep(async () => {
      const options = await this.#options(request.key);
      const answer = await oauth.pushedAuthorizationRequest(
        this.#server,
        this.#client,
        this.#authentication,
        parameters,
        options,
      );
      return oauth.processPushedAuthorizationResponse(this.#server, this.#client, answer);
    });
    const url = new URL(this.#server.authorization_endpoint!);
    url.searchParams.set('client_id', this.#client.client_id);
    url.searchParams.set('request_uri', pushed.request_uri);
    return { url: url.href, state, codeVerifier, redirectUri, scope };
  }

  /**
   * Ends a sign-in: checks the callback and exchanges its code for tokens.
   * @param callback the address at which the browser came back
   * @param key the same as at the beginning
   * @throws AuthorizationError if the customer declined (`access_denied`), the code is refused, or the
   *   callback belongs to another sign-in (`invalid_response`)
   */
  async endSignIn(pending: PendingSignIn, callback: string | URL, key: DpopKey): Promise<Tokens> {
    return protocolStep(async () => {
      const parameters = oauth.validateAuthResponse(
        this.#server,
        this.#client,
        new URL(callback),
        pending.state,
      );
      const askedAtMs = Date.now();
      const answer = await oauth.authorizationCodeGrantRequest(
        this.#server,
        this.#client,
        this.#authentication,
        parameters,
        pending.redirectUri,
        pending.codeVerifier,
        await this.#options(key),
      );
      const tokens = await oauth.processAuthorizationCodeResponse(this.#server, this.#client, answer);
      return tokensOf(tokens, pending.scope, askedAtMs);
    });
  }

  /**
   * Creates the access of a signed-in customer. It refreshes the token before it ends, one refresh at a time.
   * @param options.onTokens keeps the tokens after each refresh, before the new ones are used: the refresh token changed
   */
  customerAccess(
    tokens: Tokens,
    key: DpopKey,
    options: { onTokens?: (tokens: Tokens) => void | Promise<void> } = {},
  ): RenewedAccess {
    const renew = async (present: Tokens | undefined): Promise<Tokens> => {
      const next = await this.refresh(present!, key);
      await options.onTokens?.(next);
      return next;
    };
    return new RenewedAccess(key, renew, tokens);
  }

  /** Creates the access of the client for itself: client credentials, with a new token before the last one ends. */
  clientAccess(scope: string, key: DpopKey): RenewedAccess {
    return new RenewedAccess(key, () => this.clientCredentials(scope, key));
  }

  /**
   * Gets a token for the client itself. A lost answer is asked for again.
   * @throws AuthorizationError if the server refuses the client or a scope
   * @throws AuthorizationUnavailableError if the server does not answer
   */
  async clientCredentials(scope: string, key: DpopKey): Promise<Tokens> {
    return untilAnswered(() =>
      protocolStep(async () => {
        const askedAtMs = Date.now();
        const answer = await oauth.clientCredentialsGrantRequest(
          this.#server,
          this.#client,
          this.#authentication,
          new URLSearchParams({ scope }),
          await this.#options(key),
        );
        const tokens = await oauth.processClientCredentialsResponse(this.#server, this.#client, answer);
        return tokensOf(tokens, scope, askedAtMs);
      }),
    );
  }

  /**
   * Exchanges a refresh token, which works once. A lost answer is asked for again within the server's grace.
   * @throws AuthorizationError `invalid_grant` if the consent ended: the customer must sign in again
   */
  async refresh({ refreshToken, scope }: Tokens, key: DpopKey): Promise<Tokens> {
    if (refreshToken === undefined)
      throw new Error('there is no refresh token: ask for the scope offline_access');
    return refreshWithinGrace(() =>
      protocolStep(async () => {
        const askedAtMs = Date.now();
        const answer = await oauth.refreshTokenGrantRequest(
          this.#server,
          this.#client,
          this.#authentication,
          refreshToken,
          await this.#options(key),
        );
        const tokens = await oauth.processRefreshTokenResponse(this.#server, this.#client, answer);
        return tokensOf(tokens, scope, askedAtMs);
      }),
    );
  }

  async #options(key: DpopKey): Promise<oauth.TokenEndpointRequestOptions> {
    return {
      ...requestOptions(new URL(this.#server.issuer), this.#fetch),
      DPoP: oauth.DPoP(this.#client, await keyPairOf(key)),
    };
  }
}

function requestOptions(issuer: URL, send: typeof fetch) {
  return {
    [oauth.customFetch]: send,
    [oauth.allowInsecureRequests]:
      issuer.protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(issuer.hostname),
    signal: () => AbortSignal.timeout(ATTEMPT_TIMEOUT_MS),
  };
}
