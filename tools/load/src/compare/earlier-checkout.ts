import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDirectory, PrerequisiteError, SettingError } from '@tallystick/stack';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
const INSTALL_TIMEOUT_MS = 900_000;

/**
 * Checks out a commit beside this checkout, with its packages. It is kept for the next comparison.
 * @returns its folder
 * @throws SettingError if there is no such commit
 * @throws PrerequisiteError if its packages cannot be installed
 */
export async function earlierCheckout(commit: string, say: (line: string) => void): Promise<string> {
  const hash = await hashOf(commit);
  const folder = join(cacheDirectory(), 'releases', hash);
  if (!existsSync(join(folder, '.git'))) {
    say(`Checking out ${commit}`);
    mkdirSync(dirname(folder), { recursive: true });
    await run('git', ['clone', '--quiet', '--no-checkout', ROOT, folder]);
    await run('git', ['checkout', '--quiet', '--detach', hash], { cwd: folder });
  }
  if (!existsSync(join(folder, 'node_modules', '.package-lock.json'))) {
    say('Installing its packages');
    try {
      await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, timeout: INSTALL_TIMEOUT_MS });
    } catch (cause) {
      throw new PrerequisiteError(`The packages of ${commit} cannot be installed: see npm ci in ${folder}`, {
        cause,
      });
    }
  }
  return folder;
}

async function hashOf(commit: string): Promise<string> {
  try {
    const { stdout } = await run('git', ['rev-parse', '--verify', '--quiet', `${commit}^{commit}`], {
      cwd: ROOT,
    });
    return stdout.trim();
  } catch (cause) {
    throw new SettingError(`--against ${commit}: there is no such commit in this checkout`, { cause });
  }
}
