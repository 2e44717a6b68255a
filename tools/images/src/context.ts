import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, utimes } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Files and folders that images are built from. */
const SOURCES = [
  'package.json',
  'package-lock.json',
  '.npmrc',
  'tsconfig.base.json',
  'packages',
  'services',
  'tools/*/package.json',
  'tools/probe',
  'tools/images/src/assemble.ts',
  'tools/images/runtime',
  'infra/docker',
];

/** The commit that is checked out. */
export interface Revision {
  /** its hash, followed by `-dirty` if files have changed since */
  name: string;
  timeS: number;
}

/** Reads the commit from git; its time becomes the time of every file in the image. */
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
 * Copies the tracked files, and new ones that git does not ignore, to a folder for the engine. No other file of a
 * developer's machine can get into an image, however the engine handles ignore files.
 * @returns the folder, which the caller removes
 */
export async function stageContext(root: string, { timeS }: Revision): Promise<string> {
  const { stdout } = await run(
    'git',
    ['-C', root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', ...SOURCES],
    { maxBuffer: 2 ** 26 },
  );
  const context = await mkdtemp(join(tmpdir(), 'tallystick-images-'));
  for (const name of stdout.split('\0')) {
    // a removed file is still listed until the removal is committed
    if (name === '' || /\/test\//.test(name) || !existsSync(join(root, name))) continue;
    const to = join(context, name);
    await mkdir(dirname(to), { recursive: true });
    await cp(join(root, name), to);
    await utimes(to, timeS, timeS);
  }
  return context;
}
