import { describe, expect, test } from '@jest/globals';
import { operations } from '@tallystick/contracts';
import { parse as parseYaml } from 'yaml';
import { codeBlocksOf, fileOf } from '../src/pages/code-blocks.ts';
import { blocksOfDocuments, blocksOfReference, type ShownBlock } from './shown-blocks.ts';

/** How the blocks of each language are tested. */
const testedBy: Readonly<Record<string, string>> = {
  ts: 'typescript-blocks.test.ts; those of the quickstarts run in quickstarts.test.ts',
  python: 'packages/python/check: mypy; those of the quickstarts run',
  sh: 'shell-blocks.test.ts',
  sql: 'sql-blocks.test.ts',
  json: 'here',
  yaml: 'here',
  http: 'here',
  mermaid: 'beside the table of states that it shows',
  // Output, or a drawing.
  text: 'nothing to run',
  '': 'nothing to run',
};

const shown = [...blocksOfDocuments(), ...(await blocksOfReference())];
const those = (language: string): ShownBlock[] => shown.filter((block) => block.language === language);

/** Lists the blocks that a check refuses, with its complaint. */
function complaints(blocks: readonly ShownBlock[], check: (code: string) => void): string[] {
  return blocks.flatMap(({ place, code }) => {
    try {
      check(code);
      return [];
    } catch (error) {
      return [`${place}: ${(error as Error).message}`];
    }
  });
}

describe('a block of code that the site shows', () => {
  test('has a language whose blocks are tested', () => {
    const unknown = shown.filter(({ language }) => testedBy[language] === undefined);
    expect(unknown.map(({ place, language }) => `${place}: ${language}`)).toEqual([]);
  });

  test('in JSON can be parsed', () => {
    expect(those('json').length).toBeGreaterThan(50);
    expect(complaints(those('json'), (code) => void JSON.parse(code))).toEqual([]);
  });

  test('in YAML can be parsed', () => {
    expect(complaints(those('yaml'), (code) => void parseYaml(code))).toEqual([]);
  });

  test('with a request names an operation', () => {
    const known = new Set(
      Object.values(operations).flatMap(({ method, versions }) =>
        Object.values(versions).map(({ path }) => `${method} ${path}`),
      ),
    );
    expect(those('http').length).toBeGreaterThan(30);
    expect(those('http').filter(({ code }) => !known.has(code.trim()))).toEqual([]);
  });
});

describe('the blocks of a text', () => {
  test('have their language, their file and the code that a check puts before them', () => {
    const text = [
      'Text',
      '<!-- given:',
      'declare const a: number;',
      '-->',
      '',
      '  ```ts title="a.ts"',
      '  a;',
      '  ```',
      '```',
      'plain',
      '```',
    ].join('\n');
    const [first, second] = codeBlocksOf(text);
    expect(first).toMatchObject({
      language: 'ts',
      code: 'a;\n',
      line: 6,
      given: 'declare const a: number;\n',
    });
    expect(fileOf(first!)).toBe('a.ts');
    expect(second).toMatchObject({ language: '', code: 'plain\n', given: '' });
  });

  test('end with their fence', () => {
    expect(() => codeBlocksOf('Text\n```ts\na;\n')).toThrow('line 2');
  });
});
