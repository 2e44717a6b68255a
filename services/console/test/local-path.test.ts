import { describe, expect, test } from '@jest/globals';
import { localPath } from '../src/http/local-path.ts';

describe('the page that is shown after the sign-in', () => {
  test.each([
    ['/', '/'],
    ['/audit?service=auth&actor=opr_1', '/audit?service=auth&actor=opr_1'],
    ['/accounts/../policy', '/policy'],
  ])('is the asked one of the console: %s', (asked, shown) => {
    expect(localPath(asked)).toBe(shown);
  });

  test.each([
    undefined,
    '',
    'audit',
    '//evil.example/',
    '/\\evil.example/',
    '\\\\evil.example',
    '/\t/evil.example/',
    'https://evil.example/',
    'javascript:alert(1)',
  ])('is never another site: %j', (asked) => {
    const shown = localPath(asked);
    expect(new URL(shown, 'https://console.example').host).toBe('console.example');
  });
});
