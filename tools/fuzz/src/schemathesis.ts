import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { cacheDirectory, PrerequisiteError, say, stopOnExit } from '@tallystick/stack';

const run = promisify(execFile);
const python = join(import.meta.dirname, '..', 'python');
const REQUIREMENTS = join(python, 'requirements.txt');

/** What an answer must not be or have. */
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
].join(',');
const REQUEST_TIMEOUT_S = 10;

/**
 * Installs Schemathesis into the cache, unless these versions are there.
 * @returns the folder of its programs
 * @throws PrerequisiteError without Python
 */
export async function installSchemathesis(): Promise<string> {
  const versions = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 12);
  const home = join(cacheDirectory(), `schemathesis-${versions}`);
  const programs = join(home, 'bin');
  if (existsSync(join(programs, 'st'))) return programs;
  say('Installing Schemathesis with pip (once)');
  try {
    await run('python3', ['-m', 'venv', '--clear', home]);
    await run(join(programs, 'pip'), ['install', '--quiet', '--requirement', REQUIREMENTS]);
  } catch (error) {
    throw new PrerequisiteError(
      'Schemathesis could not be installed: install Python 3.10 or later with venv, and check that pip reaches its index.',
      { cause: error },
    );
  }
  return programs;
}

export interface FuzzRun {
  url: string;
  /** Path of the file with the signed-in clients. */
  clientsFile: string;
  examples: number;
  seed: number;
}

/** Fuzzes the operations of one service; the output is that of Schemathesis. @returns whether every check held */
export async function fuzzService(
  programs: string,
  { url, clientsFile, examples, seed }: FuzzRun,
): Promise<boolean> {
  const child = spawn(
    join(programs, 'st'),
    [
      'run',
      `${url}/openapi.json`,
      '--checks',
      CHECKS,
      '--phases',
      'examples,coverage,fuzzing',
      '--max-examples',
      String(examples),
      '--seed',
      String(seed),
      '--request-timeout',
      String(REQUEST_TIMEOUT_S),
      // Neither its reports nor its database of examples: each run stands for itself.
      '--generation-database',
      'none',
    ],
    {
      cwd: dirname(clientsFile),
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        PATH: process.env['PATH'],
        PYTHONDONTWRITEBYTECODE: '1',
        NO_COLOR: process.env['NO_COLOR'],
        SCHEMATHESIS_HOOKS: join(python, 'hooks.py'),
        TALLYSTICK_FUZZ_CLIENTS: clientsFile,
      },
    },
  );
  const unregister = stopOnExit(async () => void child.kill('SIGTERM'));
  const [code] = (await once(child, 'exit')) as [number | null];
  unregister();
  return code === 0;
}
