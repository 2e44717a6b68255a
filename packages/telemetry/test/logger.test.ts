import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { prettyLine } from '../src/pretty-line.ts';

/** Runs code that logs, in a separate process, and returns its output. */
function written(code: string, format: string): string {
  const source = new URL('../src/logger.ts', import.meta.url).href;
  const script = `import { createLogger } from '${source}';
    const logger = createLogger({ service: 's', level: 'info', format: '${format}', confidentialFields: ['number', 'accessToken'] });
    ${code}`;
  // the flags by which this process runs from sources
  const flags = [
    ...process.execArgv.filter((flag) => /^--(conditions|disable-warning)=/.test(flag)),
    '--input-type=module',
  ];
  const { stdout, status } = spawnSync(process.execPath, [...flags, '--eval', script], {
    encoding: 'utf8',
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  expect(status).toBe(0);
  return stdout;
}

function logged(code: string, format = 'auto'): Record<string, unknown>[] {
  return written(code, format)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('a log line', () => {
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

  test('leaves out confidential fields, at the top and nested', () => {
    const lines = logged(`
      logger.info({ number: 'SECRET', a: { number: 'SECRET', b: { accessToken: 'SECRET', c: { number: 'SECRET' } } } }, 'm');
      logger.info({ req: { authorization: 'SECRET', dpop: 'SECRET', cookie: 'SECRET' }, password: 'SECRET' }, 'm');
      logger.info({ key: { kty: 'OKP', d: 'SECRET' } }, 'm');`);
    expect(lines).toHaveLength(3);
    expect(JSON.stringify(lines)).not.toContain('SECRET');
    expect(JSON.stringify(lines)).toContain('[confidential]');
  });

  test('contains the message of an error and none of its confidential fields', () => {
    const [line] = logged(
      `logger.error({ err: Object.assign(new Error('why'), { number: 'SECRET' }) }, 'm');`,
    );
    expect(line).toMatchObject({ level: 'error', err: { message: 'why' } });
    expect(JSON.stringify(line)).not.toContain('SECRET');
  });
});

describe('the log format for a person', () => {
  const output = written(
    `logger.warn({ topic: 'a.b', n: 3 }, 'something');
     logger.error({ err: new Error('why'), number: 'SECRET', text: 'x\\u001b[2Jy\\nz' }, 'else');`,
    'pretty',
  );

  test('is a line with time, level, service, message and fields, and an error’s stack below', () => {
    const [warning, error, ...stack] = output.split('\n');
    expect(warning).toMatch(/^\d\d:\d\d:\d\d\.\d{3} WARN {2}s {7}something topic=a\.b n=3$/);
    expect(error).toMatch(/ ERROR s {7}else number=\[confidential\] text=xy z$/);
    expect(stack[0]).toBe('    Error: why');
  });

  test('contains no colours and no control characters if the output is not a terminal', () => {
    expect(output).not.toContain('\u001b');
    expect(output).not.toContain('SECRET');
  });

  test('is not used without a terminal unless it is configured', () => {
    expect(logged("logger.info('hello')", 'auto')).toMatchObject([{ msg: 'hello' }]);
    expect(logged("logger.info('hello')", 'json')).toMatchObject([{ msg: 'hello' }]);
  });

  test('is coloured on a terminal', () => {
    const json = JSON.stringify({
      time: '2026-11-25T10:00:00.000Z',
      level: 'info',
      service: 's',
      msg: 'hello',
    });
    expect(stripVTControlCharacters(prettyLine(json, true))).toBe(prettyLine(json, false));
    expect(prettyLine(json, true)).toContain('\u001b[32mINFO');
  });
});
