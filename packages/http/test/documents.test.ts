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

  test('have no other files of the page’s folders', async () => {
    for (const file of ['package.json', '..%2Fpackage.json', 'swagger-ui-bundle.js.map'])
      expect((await ask(`/docs/${file}`)).status).toBe(404);
  });
});
