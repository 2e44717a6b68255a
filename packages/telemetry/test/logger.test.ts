import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from '@jest/globals';

/** Runs code that logs in a process of its own, and gives the lines that it wrote. */
function logged(code: string): Record<string, unknown>[] {
  const source = new URL('../src/logger.ts', import.meta.url).href;
  const script = `import { createLogger } from '${source}';
    const logger = createLogger({ service: 's', level: 'info', confidentialFields: ['number', 'accessToken'] });
    ${code}`;
  const flags = [
    '--conditions=@tallystick/source',
    '--disable-warning=ExperimentalWarning',
    '--input-type=module',
  ];
  const { stdout, status } = spawnSync(process.execPath, [...flags, '--eval', script], {
    encoding: 'utf8',
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  expect(status).toBe(0);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('a line of the log', () => {
  test('is JSON with time, level, service and message', () => {
    expect(logged("logger.info({ topic: 't' }, 'hello'); logger.debug('not this one')")).toEqual([
      {
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        level: 'info',
        service: 's',
        topic: 't',
        msg: 'hello',
      },
    ]);
  });

  test('leaves out what is confidential, at the top and within', () => {
    const lines = logged(`
      logger.info({ number: 'SECRET', a: { number: 'SECRET', b: { accessToken: 'SECRET', c: { number: 'SECRET' } } } }, 'm');
      logger.info({ req: { authorization: 'SECRET', dpop: 'SECRET', cookie: 'SECRET' }, password: 'SECRET' }, 'm');
      logger.info({ key: { kty: 'OKP', d: 'SECRET' } }, 'm');`);
    expect(lines).toHaveLength(3);
    expect(JSON.stringify(lines)).not.toContain('SECRET');
    expect(JSON.stringify(lines)).toContain('[confidential]');
  });

  test('tells an error with its message and no confidential field', () => {
    const [line] = logged(
      `logger.error({ err: Object.assign(new Error('why'), { number: 'SECRET' }) }, 'm');`,
    );
    expect(line).toMatchObject({ level: 'error', err: { message: 'why' } });
    expect(JSON.stringify(line)).not.toContain('SECRET');
  });
});
