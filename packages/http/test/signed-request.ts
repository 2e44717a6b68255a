import { createHash, sign, type KeyObject } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { contentDigest, defaultPolicy } from '@tallystick/security';
import { operationPath, type OperationDefinition } from '@tallystick/contracts';
import fc from 'fast-check';
import { PROOF_AGE_MAX_S } from '../src/authenticate.ts';
import { valuesOf } from './schema-arbitrary.ts';

/** A request to an operation, with its proof, near the boundary between what is accepted and what is not. */
export interface SignedRequest {
  operationId: string;
  version: number;
  method: string;
  /** The request target, as it is sent. */
  target: string;
  body: Uint8Array;
  htm: string;
  htu: string;
  digest: string | undefined;
  /** Times in seconds from the present one. */
  iatS: number;
  expS: number | undefined;
  nbfS: number | undefined;
  tokenIatS: number;
  tokenExpS: number;
}

type Variant = (text: string) => string;
const { clockSkewS } = defaultPolicy;

/** Most requests keep each of their parts: a request with many deviations is refused for the first. */
function mostly<T>(usual: T, ...others: T[]): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 12, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );
}

const same: Variant = (text) => text;
const inPath =
  (change: Variant): Variant =>
  (url) =>
    url.replace(/^(\w+:\/\/[^/]+)(.*)$/, (_whole, origin: string, path: string) => origin + change(path));
const encoded = (at: number, isUpper: boolean): Variant =>
  inPath((path) => {
    const place = 1 + (at % (path.length - 1));
    const hex = path.charCodeAt(place).toString(16);
    return `${path.slice(0, place)}%${isUpper ? hex.toUpperCase() : hex}${path.slice(place + 1)}`;
  });

/** Ways to write a URL: some name the same target (RFC 3986 §6.2), some another one, some none. */
const urlVariant: fc.Arbitrary<Variant> = fc.oneof(
  fc.tuple(fc.nat(80), fc.boolean()).map(([at, isUpper]) => encoded(at, isUpper)),
  fc.constantFrom<Variant>(
    (url) => `${url}?a=1`,
    (url) => `${url}#top`,
    (url) => `${url}?`,
    (url) => `${url}?next=https://a@b/../c`,
    (url) => `${url}/`,
    (url) => `${url}/.`,
    (url) => `${url}/x/..`,
    inPath((path) => `/.${path}`),
    inPath((path) => `/v9/..${path}`),
    inPath((path) => `/v9/%2e%2E${path}`),
    inPath((path) => `/..${path}`),
    inPath((path) => `/${path}`),
    inPath((path) => path.replaceAll('/', '%2F')),
    inPath((path) => path.replaceAll('/', '%2f')),
    inPath((path) => path.replaceAll('/', '\\')),
    inPath((path) => path.toUpperCase()),
    inPath((path) => path.replace('/v1/', '/v2/')),
    inPath((path) => path.replace('/v2/', '/v1/')),
    inPath((path) => `${path};a=1`),
    (url) => url.replace('://', '://user@'),
    (url) => url.replace('://', '://user:secret@'),
    (url) => url.replace('://', '://@'),
    (url) => url.replace(/^\w+/, (scheme) => scheme.toUpperCase()),
    (url) => url.replace(/^https/, 'http'),
    (url) =>
      url.replace(
        /^(\w+:\/\/)([^/]+)/,
        (_whole, scheme: string, host: string) => scheme + host.toUpperCase(),
      ),
    (url) => url.replace(/^(https:\/\/[^/:]+)\//, '$1:443/'),
    (url) => url.replace(/^(http:\/\/[^/:]+)\//, '$1:80/'),
    (url) => url.replace(/^(\w+:\/\/[^/:]+)\//, '$1:/'),
    (url) => url.replace(/^(\w+:\/\/[^/]+?)(?::\d+)?\//, '$1:8444/'),
    (url) => url.replace(/^(\w+:\/\/[^/:]+)/, '$1.'),
    (url) => url.replace(':8443', ':08443'),
    (url) => url.replace('[::1]', '[0:0:0:0:0:0:0:1]'),
    (url) => url.replace('[::1]', '[::0001]'),
    (url) => url.replace('[::1]', '[::2]'),
    (url) => url.replace('127.0.0.1', '0x7f.1'),
    (url) => url.replace('127.0.0.1', '2130706433'),
    (url) => url.replace('.example', '%2eexample'),
    (url) => ` ${url}`,
    (url) => url.replace('/v', '/\tv'),
  ),
);
const htuVariant = fc.oneof(
  { weight: 3, arbitrary: fc.constant(same) },
  { weight: 3, arbitrary: urlVariant },
  {
    weight: 1,
    arbitrary: fc.tuple(urlVariant, urlVariant).map(
      ([one, two]): Variant =>
        (url) =>
          two(one(url)),
    ),
  },
);

/** Ways to write a request target. */
const targetVariant: fc.Arbitrary<Variant> = fc.oneof(
  { weight: 8, arbitrary: fc.constant(same) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.nat(80), fc.boolean()).map(([at, isUpper]) => encoded(at, isUpper)),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Variant>(
      (url) => `${url}?a=1`,
      (url) => `${url}/`,
      inPath((path) => `/.${path}`),
      inPath((path) => `/v9/..${path}`),
      inPath((path) => `/${path}`),
      inPath((path) => path.replace('/v1/', '/v2/')),
    ),
  },
);

/** Ways to write a body: other bytes with the same content, and other contents. */
const bodyVariant = mostly<(text: string) => string | Uint8Array>(
  (text) => text,
  (text) => `\n ${text}\t`,
  (text) => text.replaceAll(':', ' : '),
  (text) => text.replace('{', '{"currency":"SEK",'),
  (text) => text.replace(/:(\d+)/, ':$1.0'),
  (text) => text.replace(/:(\d+)/, ':$1e0'),
  (text) => text.replace(/"(\w)/, (_whole, letter: string) => `"\\u00${letter.charCodeAt(0).toString(16)}`),
  (text) => `\uFEFF${text}`,
  (text) => `${text}é`,
  (text) => Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from([0x22, 0xff, 0x22, 0x7d])]),
  () => '',
  () => '{}',
  () => '[]',
  () => 'null',
);

const digestVariant = mostly<(body: Uint8Array) => string | undefined>(
  (body) => contentDigest(body),
  () => undefined,
  (body) => contentDigest(Buffer.concat([body, Buffer.from(' ')])),
  (body) => contentDigest(Buffer.from(body).toString().trim()),
  (body) => contentDigest(new TextDecoder().decode(body)),
  (body) => contentDigest(body).toUpperCase(),
  (body) => contentDigest(body).slice(0, -1),
  (body) => ` ${contentDigest(body)}`,
  () => contentDigest(''),
);

const limit = fc.constantFrom(
  undefined,
  undefined,
  undefined,
  -1,
  0,
  0.5,
  1,
  clockSkewS,
  clockSkewS + 1,
  3_600,
);
const times = fc.record({
  iatS: mostly(
    0,
    -0.5,
    -PROOF_AGE_MAX_S,
    -PROOF_AGE_MAX_S - 1,
    1 - PROOF_AGE_MAX_S,
    clockSkewS,
    clockSkewS + 0.5,
    clockSkewS + 1,
  ),
  expS: limit,
  nbfS: limit,
  tokenIatS: mostly(-5, -PROOF_AGE_MAX_S, clockSkewS, clockSkewS + 1, 0),
  tokenExpS: mostly(300, 0, 1, clockSkewS, clockSkewS + 1, -1, 840),
});

/** Requests to an operation of a service at an origin. */
export function signedRequests(
  operation: OperationDefinition,
  version: number,
  origin: string,
): fc.Arbitrary<SignedRequest> {
  return fc
    .record({
      params: valuesOf(operation.params) as fc.Arbitrary<Record<string, string>>,
      value: valuesOf(operation.versions[version]!.body),
      writeTarget: targetVariant,
      writeUrl: htuVariant,
      isOfTarget: fc.boolean(),
      writeBody: bodyVariant,
      digestOf: digestVariant,
      htm: mostly<string>(operation.method, operation.method.toLowerCase(), 'PUT', `${operation.method} `),
      times,
    })
    .map(({ params, value, writeTarget, writeUrl, isOfTarget, writeBody, digestOf, htm, times: at }) => {
      const url = origin + operationPath(operation.versions[version]!, params);
      const sent = writeTarget(url);
      const body = Buffer.from(writeBody(JSON.stringify(value)));
      return {
        ...at,
        operationId: operation.id,
        version,
        method: operation.method,
        target: sent.slice(origin.length),
        body,
        htm,
        htu: writeUrl(isOfTarget ? sent : url),
        digest: digestOf(body),
      };
    });
}

/** Signs the proof of a request, with exactly its claims. */
export function proofFor(
  { htm, htu, digest, iatS, expS, nbfS }: SignedRequest,
  key: { publicJwk: object; secret: KeyObject },
  { nowS, jti, accessToken }: { nowS: number; jti: string; accessToken: string },
): string {
  const at = (offsetS: number | undefined): number | undefined =>
    offsetS === undefined ? undefined : nowS + offsetS;
  const claims = {
    jti,
    htm,
    htu,
    iat: at(iatS),
    exp: at(expS),
    nbf: at(nbfS),
    ath: createHash('sha256').update(accessToken).digest('base64url'),
    content_digest: digest,
  };
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${part({ typ: 'dpop+jwt', alg: 'EdDSA', jwk: key.publicJwk })}.${part(claims)}`;
  return `${input}.${sign(null, Buffer.from(input), key.secret).toString('base64url')}`;
}

/** Sends a request with exactly this target. @returns the status of the answer */
export function sendExactly(
  port: number,
  { method, target, body }: SignedRequest,
  headers: Record<string, string>,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        port,
        host: '127.0.0.1',
        method,
        path: target,
        headers: { 'content-type': 'application/json', ...headers },
      },
      (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode!));
      },
    );
    request.once('error', reject);
    request.end(body);
  });
}
