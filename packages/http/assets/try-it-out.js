// Shows the interfaces of a service, and signs the requests of "Try it out" in this browser: people sign in by the code
// flow with PKCE (RFC 7636), and each request carries a DPoP proof (RFC 9449) by a key that cannot be exported.

const settings = JSON.parse(document.getElementById('settings').textContent);
const status = document.getElementById('status');
const signInButton = document.getElementById('sign-in');
const DATABASE = 'tallystick-docs';
const FLOW = 'tallystick-docs-flow';
const ADDED_HEADERS = new Set(['DPoP', 'Idempotency-Key']);

/** The access token of the signed-in person, for as long as the page is open. */
let accessToken;

const base64url = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
const utf8 = (text) => new TextEncoder().encode(text);
const sha256 = (text) => crypto.subtle.digest('SHA-256', utf8(text));
const randomText = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

/** Runs one request on the store of keys. */
function onKeys(mode, work) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.addEventListener('upgradeneeded', () => opening.result.createObjectStore('keys'));
    opening.addEventListener('error', () => reject(opening.error));
    opening.addEventListener('success', () => {
      const request = work(opening.result.transaction('keys', mode).objectStore('keys'));
      request.addEventListener('success', () => resolve(request.result));
      request.addEventListener('error', () => reject(request.error));
    });
  });
}

/** Returns the key of this browser; the redirect to the sign-in page and back keeps it. */
async function signingKey() {
  const kept = await onKeys('readonly', (keys) => keys.get('dpop'));
  if (kept !== undefined) return kept;
  const made = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
  await onKeys('readwrite', (keys) => keys.put(made, 'dpop'));
  return made;
}

/** Signs a proof (RFC 9449 §4.2) with the digest of the body. */
async function proofOf(key, { method, url, token, body }) {
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', key.publicKey);
  const { origin, pathname } = new URL(url);
  const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y } };
  const claims = {
    jti: crypto.randomUUID(),
    iat: Math.floor(Date.now() / 1000),
    htm: method,
    htu: origin + pathname,
    ...(token === undefined ? {} : { ath: base64url(await sha256(token)) }),
    ...(body === undefined ? {} : { content_digest: await digestOf(body) }),
  };
  const signed = [header, claims].map((part) => base64url(utf8(JSON.stringify(part)))).join('.');
  const signature = await crypto.subtle.sign(
    { name: 'ECDSA', hash: 'SHA-256' },
    key.privateKey,
    utf8(signed),
  );
  return `${signed}.${base64url(signature)}`;
}

async function digestOf(body) {
  const digest = new Uint8Array(await sha256(body));
  return `sha-256=:${btoa(String.fromCharCode(...digest))}:`;
}

const nothing = () => null;
const tell = (text) => {
  status.textContent = text;
};

async function authorizationServer() {
  const response = await fetch(`${settings.issuer}/.well-known/openid-configuration`);
  if (!response.ok) throw new Error(`the authorization server answers ${response.status}`);
  return response.json();
}

/** Leaves for the sign-in page. */
async function signIn() {
  const { authorization_endpoint: endpoint } = await authorizationServer();
  const flow = { state: randomText(), verifier: randomText() };
  sessionStorage.setItem(FLOW, JSON.stringify(flow));
  const asked = new URLSearchParams({
    response_type: 'code',
    client_id: settings.clientId,
    redirect_uri: settings.page,
    scope: settings.scope,
    state: flow.state,
    code_challenge: base64url(await sha256(flow.verifier)),
    code_challenge_method: 'S256',
  });
  location.assign(`${endpoint}?${asked}`);
}

/** Exchanges the code in the address, if there is one, for a token that is bound to the key. */
async function finishSignIn() {
  const answer = new URLSearchParams(location.search);
  if (!answer.has('state')) return;
  history.replaceState(undefined, '', location.pathname);
  const flow = JSON.parse(sessionStorage.getItem(FLOW) ?? '{}');
  sessionStorage.removeItem(FLOW);
  // An answer to another sign-in (CSRF), or from another server (mix-up, RFC 9207).
  if (answer.get('state') !== flow.state || answer.get('iss') !== settings.issuer)
    throw new Error('this sign-in was not begun here');
  if (!answer.has('code')) throw new Error(answer.get('error_description') ?? 'the sign-in was refused');
  const { token_endpoint: url } = await authorizationServer();
  const response = await fetch(url, {
    method: 'POST',
    headers: { DPoP: await proofOf(await signingKey(), { method: 'POST', url }) },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: settings.clientId,
      code: answer.get('code'),
      redirect_uri: settings.page,
      code_verifier: flow.verifier,
    }),
  });
  const granted = await response.json();
  if (!response.ok) throw new Error(granted.error_description ?? granted.error);
  accessToken = granted.access_token;
  tell(`Signed in for ${Math.round(granted.expires_in / 60)} minutes.`);
  signInButton.hidden = true;
}

/** Signs a request of "Try it out". */
async function sign(request) {
  if (request.loadSpec || accessToken === undefined) return request;
  const method = request.method.toUpperCase();
  const body = request.body ?? '';
  if (method === 'POST') request.headers['Idempotency-Key'] = crypto.randomUUID();
  request.headers['Authorization'] = `DPoP ${accessToken}`;
  request.headers['DPoP'] = await proofOf(await signingKey(), {
    method,
    url: new URL(request.url, location.href).href,
    token: accessToken,
    body: method === 'GET' ? undefined : body,
  });
  return request;
}

if (settings.clientId !== undefined) {
  signInButton.hidden = false;
  signInButton.addEventListener('click', () => void signIn().catch((fault) => tell(fault.message)));
  await finishSignIn().catch((fault) => tell(`Not signed in: ${fault.message}`));
}

/** Removes from the document the headers that {@link sign} adds. */
function withoutSignedHeaders(document) {
  for (const path of Object.values(document.paths))
    for (const operation of Object.values(path))
      if (operation.parameters !== undefined)
        operation.parameters = operation.parameters.filter(({ name }) => !ADDED_HEADERS.has(name));
  return document;
}

const shown = await (await fetch('/openapi.json')).json();
globalThis.SwaggerUIBundle({
  spec: accessToken === undefined ? shown : withoutSignedHeaders(shown),
  dom_id: '#interfaces',
  deepLinking: true,
  // The operations, which are above the messages, take their place only now.
  onComplete: () => document.getElementById(location.hash.slice(1))?.scrollIntoView(),
  validatorUrl: null,
  requestInterceptor: sign,
  presets: [globalThis.SwaggerUIBundle.presets.apis],
  // The button of this page signs in; that of the library knows no DPoP.
  plugins: [
    () => ({ wrapComponents: { authorizeBtn: () => nothing, authorizeOperationBtn: () => nothing } }),
  ],
  layout: 'BaseLayout',
});
