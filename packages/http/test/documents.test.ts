import { describe, expect, test } from '@jest/globals';
import { asyncApi, openApi } from '@tallystick/interfaces';
import { issuer, publicUrl } from './edge-world.ts';
import { port } from './transfer-edge.ts';

const ask = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);

describe('the documents of the interfaces', () => {
  test.each([
    ['/openapi.json', openApi({ of: () => publicUrl, issuer })],
    ['/asyncapi.json', asyncApi()],
  ])('are at %s, with the addresses of the service', async (path, document) => {
    const answer = await ask(path);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      'application/json; charset=utf-8',
    ]);
    expect(await answer.json()).toEqual(JSON.parse(JSON.stringify(document)));
  });

  test('are shown at /docs by scripts and styles of this origin alone', async () => {
    const answer = await ask('/docs');
    const policy = String(answer.headers.get('content-security-policy'));
    expect(policy.split(';')).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        `connect-src 'self' ${issuer}`,
      ]),
    );
    expect(policy).not.toContain('unsafe');
    const page = await answer.text();
    // Nothing inline: the policy would refuse it.
    expect(page).not.toMatch(/<style| style=| on[a-z]+=|<script(?![^>]*(?:src=|type="application\/json"))/);
    const files = [...page.matchAll(/(?:src|href)="(\/docs\/[^"]+)"/g)].map(([, file]) => file!);
    expect(files).toHaveLength(4);
    for (const file of files) expect((await ask(file)).status).toBe(200);
  });

  test('are listed in the catalogue of the service (RFC 9727)', async () => {
    const answer = await ask('/.well-known/api-catalog');
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('link')]).toEqual([
      200,
      expect.stringMatching(
        /^application\/linkset\+json; profile="https:\/\/www.rfc-editor.org\/info\/rfc9727"/,
      ),
      `<${publicUrl}/.well-known/api-catalog>; rel="api-catalog"`,
    ]);
    const { linkset } = (await answer.json()) as { linkset: Record<string, { href: string }[]>[] };
    const [{ anchor, ...relations } = {}, ...others] = linkset;
    expect([anchor, others]).toEqual([publicUrl, []]);
    const listed = Object.entries(relations).flatMap(([relation, links]) =>
      links.map(({ href }) => `${relation} ${href.slice(publicUrl.length)}`),
    );
    expect(listed).toEqual([
      'service-desc /openapi.json',
      'service-desc /asyncapi.json',
      'service-doc /docs',
      'service-meta /.well-known/oauth-protected-resource',
    ]);
    for (const one of listed) expect((await ask(one.split(' ')[1]!)).status).toBe(200);
  });

  test('have no other files of the page’s folders', async () => {
    for (const file of ['package.json', '..%2Fpackage.json', 'swagger-ui-bundle.js.map'])
      expect((await ask(`/docs/${file}`)).status).toBe(404);
  });
});
