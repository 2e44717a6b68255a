import { describe, expect, test } from '@jest/globals';
import { targetUrl } from '../src/request/target-url.ts';

const url = 'https://pay.example/v1/payments/pay_1~a';

describe('the URL of a request is normalized (RFC 9449 §4.3, RFC 3986 §6.2)', () => {
  test.each([
    ['a query', `${url}?limit=1`],
    ['a fragment', `${url}#top`],
    ['a query in which a URL stands', `${url}?next=https://a@b/../c`],
    ['an upper-case scheme', url.replace('https', 'HTTPS')],
    ['an upper-case host', url.replace('pay.example', 'PAY.Example')],
    ['a default port', url.replace('example', 'example:443')],
    ['an empty port', url.replace('example', 'example:')],
    ['dot segments', 'https://pay.example/v0/../v1/./payments/pay_1~a'],
    ['encoded dot segments', 'https://pay.example/v0/%2e%2E/v1/payments/pay_1~a'],
    ['encoded unreserved characters', 'https://pay.example/v1/p%61yments/%70ay%5f1%7Ea'],
  ])('from %s', (_name, written) => {
    expect(targetUrl(written)).toBe(url);
  });

  test('an encoded reserved character stays encoded, in upper case', () => {
    expect(targetUrl('https://pay.example/v1%2fpayments')).toBe('https://pay.example/v1%2Fpayments');
    expect(targetUrl('https://pay.example/v1%252fpayments')).toBe('https://pay.example/v1%252fpayments');
  });

  test.each([
    ['user information', 'https://user@pay.example/v1/payments'],
    ['empty user information', 'https://@pay.example/v1/payments'],
    ['another scheme', 'ftp://pay.example/v1/payments'],
    ['no host', 'https:///v1/payments'],
    ['a backslash', 'https://pay.example\\v1\\payments'],
    ['a space', ' https://pay.example/v1/payments'],
    ['a line feed', 'https://pay.example/v1/\npayments'],
    ['a path alone', '/v1/payments'],
  ])('there is none with %s', (_name, written) => {
    expect(targetUrl(written)).toBeUndefined();
  });
});
