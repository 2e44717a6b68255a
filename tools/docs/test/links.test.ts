import { describe, expect, test } from '@jest/globals';
import { documentPage } from '../src/pages/document.ts';
import { siteLinks } from '../src/pages/links.ts';
import { withScrollingParts } from '../src/pages/scrolling-parts.ts';
import { withReferenceLinks } from '../src/reference/reference-links.ts';
import { documentSlugs } from '../src/site/sections.ts';

const addresses = {
  pages: new Map([
    ['docs/README.md', ''],
    ['docs/http.md', 'http'],
    ['packages/client/README.md', 'packages/client'],
  ]),
  files: new Map([['docs/interfaces/openapi.json', '/interfaces/openapi.json']]),
};
const links = (markdown: string): string => siteLinks(markdown, 'docs/start/http.md', addresses);

describe('a link of a document', () => {
  test.each([
    ['to a page of the site', '[a](../http.md#lists)', '[a](/http/#lists)'],
    ['to the first page', '[a](../README.md)', '[a](/)'],
    ['to a folder whose README is a page', '[a](../../packages/client)', '[a](/packages/client/)'],
    ['to a served file', '[a](../interfaces/openapi.json)', '[a](/interfaces/openapi.json)'],
    ['to another site', '[a](https://astro.build)', '[a](https://astro.build)'],
    ['within its page', '[a](#b)', '[a](#b)'],
    ['by reference', '[a][x]\n\n[x]: ../http.md', '[a](/http/)\n\n'],
  ])('%s leads there', (_what, markdown, wanted) => {
    expect(links(markdown)).toBe(wanted);
  });

  test('to a file that the site does not have becomes its path', () => {
    expect(links('see [the table](../../tools/layers/src/layers.ts)')).toBe(
      'see the table (`tools/layers/src/layers.ts`)',
    );
    expect(links('see [`tools/layers/src/layers.ts`](../../tools/layers/src/layers.ts)')).toBe(
      'see `tools/layers/src/layers.ts`',
    );
  });

  test('to no file is refused', () => {
    expect(() => links('[a](../nothing.md)')).toThrow('docs/start/http.md: there is no docs/nothing.md');
  });

  test('in code stays as it is', () => {
    const code = '```md\n[a](../nothing.md)\n```\nand `[a](../nothing.md)`';
    expect(links(code)).toBe(code);
  });
});

describe('a document', () => {
  test('shows the section of another document that it includes, and no comment', () => {
    const page = documentPage('docs/guides/stolen-keys.md', { pages: documentSlugs(), files: new Map() });
    expect(page.title).toBe('What each stolen key can do');
    expect(page.body).toContain('| the root key');
    expect(page.body).not.toContain('<!--');
  });
});

describe('a name in a document', () => {
  test('of an error, an operation or a message links to its page, if it has one meaning', () => {
    expect(withReferenceLinks('`ledger.insufficient_funds`, `auth.producer.enrol`, `payment.captured`')).toBe(
      '[`ledger.insufficient_funds`](/errors/#ledger.insufficient_funds), ' +
        '[`auth.producer.enrol`](/operations/auth/producer-enrol/), ' +
        '[`payment.captured`](/messages/outcomes-v1/payment-captured/)',
    );
    expect(withReferenceLinks('`payment.create`')).toBe('`payment.create`');
  });

  test('stays as it is in headings, in code and in links', () => {
    const text = '## `internal` `token.expired`\n\n```\n`token.expired`\n```\n[`token.expired`](/a/)';
    expect(withReferenceLinks(text)).toBe(text);
  });
});

describe('a part that is wider than a phone', () => {
  test('scrolls, also with a keyboard', () => {
    const shown = withScrollingParts('| a |\n| - |\n| b |\n\n```\n<plain>\n```\n\n```ts\na | b;\n```\n');
    expect(shown).toContain('<div class="wide" tabindex="0" role="group" aria-label="Table">\n\n| a |');
    expect(shown).toMatch(/<pre [^>]*tabindex="0"[^>]*>&lt;plain><\/pre>/);
    expect(shown).toContain('```ts\na | b;\n```');
  });
});
