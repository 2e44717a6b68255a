import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { PrerequisiteError, say, stopOnExit } from '@tallystick/stack';
import { places } from './places.ts';

const LOCK = join(places.project, 'package-lock.json');
/** Names the lock file that the installed packages come from. */
const INSTALLED = join(places.project, 'node_modules', '.installed-lock');

/**
 * Installs the packages of the site, unless those of its lock file are there.
 * @throws PrerequisiteError if npm cannot
 */
export async function installSite(): Promise<void> {
  const digest = createHash('sha256').update(readFileSync(LOCK)).digest('hex');
  if (existsSync(INSTALLED) && readFileSync(INSTALLED, 'utf8') === digest) return;
  say('Installing the packages of the site (once)');
  if (!(await runsWell('npm', ['ci', '--no-audit', '--no-fund'])))
    throw new PrerequisiteError(
      'The packages of the site could not be installed: check that npm reaches its registry, then run the command again.',
    );
  writeFileSync(INSTALLED, digest);
}

/** Builds the site from the written pages. @throws Error if Astro cannot */
export async function buildSite(): Promise<void> {
  const astro = join(places.project, 'node_modules', 'astro', 'bin', 'astro.mjs');
  if (!(await runsWell(process.execPath, [astro, 'build', '--silent'])))
    throw new Error('Astro did not build the site: see above');
}

/** Runs a program in the project with its output on stderr. @returns whether it ended with 0 */
async function runsWell(file: string, args: readonly string[]): Promise<boolean> {
  const child = spawn(file, args, {
    cwd: places.project,
    stdio: ['ignore', process.stderr, process.stderr],
    env: { ...process.env, ASTRO_TELEMETRY_DISABLED: '1' },
  });
  const unregister = stopOnExit(async () => void child.kill('SIGTERM'));
  const status = await new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('exit', resolve),
  );
  unregister();
  return status === 0;
}
