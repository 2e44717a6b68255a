import { describe, expect, test } from '@jest/globals';
import { settingsInForce } from '../src/index.ts';

describe('the settings in force', () => {
  test('show plain values, by name', () => {
    const settings = {
      PORT: 8080,
      LOG_LEVEL: 'info',
      TRUSTED_PROXIES: ['10.0.0.0/8', '::1'],
      DOCS_CLIENT_ID: undefined,
    };
    expect(settingsInForce(settings)).toEqual([
      { name: 'DOCS_CLIENT_ID', isSet: false },
      { name: 'LOG_LEVEL', value: 'info', isSet: true },
      { name: 'PORT', value: '8080', isSet: true },
      { name: 'TRUSTED_PROXIES', value: '10.0.0.0/8, ::1', isSet: true },
    ]);
  });

  test.each([
    ['the content of a file', 'SEED_FILE', { customers: [{ password: 'secret' }] }],
    ['the path of a file', 'SIGNING_KEY_FILE', '/run/secret/key'],
    ['a URL of a database', 'POSTGRES_URL', 'postgres://card:secret@127.0.0.1/card'],
    ['a password', 'KAFKA_PASSWORD', 'secret'],
    ['a value with members', 'OPTIONS', { password: 'secret' }],
    ['a list of such values', 'CLIENTS', [{ password: 'secret' }]],
  ])('never show %s', (_what, name, value) => {
    expect(settingsInForce({ [name]: value })).toEqual([{ name, isSet: true }]);
  });

  test('leave out the password of an address', () => {
    const [shown] = settingsInForce({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://user:secret@collector:4318/v1' });
    expect(shown!.value).toBe('http://collector:4318/v1');
  });
});
