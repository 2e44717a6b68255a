import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, utimes } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What images are made of. */
const SOURCES = [
  'package.json',
  'package-lock.json',
  '.npmrc',
  'tsconfig.base.json',
  'packages',
  'services',
  'tools/*/package.json',
  'tools/images/src/assemble.ts',
  'tools/images/runtime',
  'infra/docker',
];

/** The commit that a checkout stands at. */
export interface Revision {
  /** its hash, with `-dirty` behind it where files were changed since */
  name: string;
  timeS: number;
}

/** Asks git for the commit, which becomes the time of every file in the image. */
export async function revisionOf(root: string): Promise<Revision> {
  const git = async (...args: string[]): Promise<string> =>
    (await run('git', ['-C', root, ...args])).stdout.trim();
  const [hash, time, changed] = await Promise.all([
    git('rev-parse', 'HEAD'),
    git('log', '-1', '--format=%ct'),
    git('status', '--porcelain', '--', ...SOURCES),
  ]);
  return { name: changed === '' ? hash : `${hash}-dirty`, timeS: Number(time) };
}

/**
 * Copies the files that git knows, and new ones that it does not ignore, to a folder for the engine: nothing else of
 * a developer's machine can get into an image, whatever the engine thinks of ignore files.
 * @returns the folder, to be removed by the caller
 */
export async function stageContext(root: string, { timeS }: Revision): Promise<string> {
  const { stdout } = await run(
    'git',
    ['-C', root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', ...SOURCES],
    { maxBuffer: 2 ** 26 },
  );
  const context = await mkdtemp(join(tmpdir(), 'tallystick-images-'));
  for (const name of stdout.split('\0')) {
    // a file that was removed and not yet committed is still listed
    if (name === '' || /\/test\//.test(name) || !existsSync(join(root, name))) continue;
    const to = join(context, name);
    await mkdir(dirname(to), { recursive: true });
    await cp(join(root, name), to);
    await utimes(to, timeS, timeS);
  }
  return context;
}
