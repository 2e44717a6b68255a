import { describe, expect, test } from '@jest/globals';
import { KnownDevices } from '../src/index.ts';

describe('the cookie of a known browser', () => {
  const devices = new KnownDevices(() => ['a secret of cookies']);

  test('names one browser of one customer', () => {
    const [first, second] = [devices.issue('usr_1'), devices.issue('usr_1')];
    expect(devices.find(first, 'usr_1')).toBeDefined();
    expect(devices.find(first, 'usr_1')).not.toBe(devices.find(second, 'usr_1'));
    expect(devices.find(first, 'usr_2')).toBeUndefined();
  });

  test('is still known after a new secret came, and no longer after the old one went', () => {
    const cookie = devices.issue('usr_1');
    expect(new KnownDevices(() => ['new', 'a secret of cookies']).find(cookie, 'usr_1')).toBeDefined();
    expect(new KnownDevices(() => ['new']).find(cookie, 'usr_1')).toBeUndefined();
  });

  test.each([
    ['no cookie', undefined],
    ['an empty text', ''],
    ['an id alone', 'abc'],
    ['an empty mark', 'abc.'],
    ['a forged mark', `abc.${Buffer.alloc(32).toString('base64url')}`],
    ['three parts', 'a.b.c'],
  ])('is refused if it is %s', (_case, cookie) => {
    expect(devices.find(cookie, 'usr_1')).toBeUndefined();
  });
});
