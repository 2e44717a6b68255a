import { execFile } from 'node:child_process';
import { mkdtemp, open, readdir, rename, rm, rmdir, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PREFIX = 'tallystick-disk-';
const PIECE = Buffer.alloc(64 * 1_024);

/** A disk of a few megabytes more than a directory needs, onto which it can be moved and which can be filled up. */
export class SmallDisk {
  readonly #mount: string;

  private constructor(mount: string) {
    this.#mount = mount;
  }

  /**
   * Makes one in memory.
   * @param directory what it is to hold
   * @param freeMegabytes what remains beside it
   * @throws where this machine does not let it: it takes Linux, and root with the right to mount
   */
  static async mount(directory: string, freeMegabytes: number): Promise<SmallDisk> {
    await removeLeftovers();
    const { stdout } = await run('du', ['-sm', directory]);
    const megabytes = Number.parseInt(stdout, 10) + freeMegabytes;
    const mount = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
    try {
      await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0711`, 'tallystick', mount]);
    } catch {
      await rmdir(mount);
      throw new Error('no small disk can be mounted here, which takes Linux and root');
    }
    return new SmallDisk(mount);
  }

  /** Moves a directory here; a link remains in its place. Nobody may use it meanwhile. */
  async moveIn(directory: string): Promise<void> {
    await run('cp', ['-a', directory, this.#content]);
    await rename(directory, `${directory}.away`);
    await symlink(this.#content, directory);
  }

  /** Moves it back. Nobody may use it meanwhile. */
  async moveOut(directory: string): Promise<void> {
    await rm(`${directory}.away`, { recursive: true });
    await run('cp', ['-a', this.#content, `${directory}.away`]);
    await rm(directory);
    await rename(`${directory}.away`, directory);
  }

  /** Takes all the room but so much of it. @returns how much that was, in bytes */
  async fill(leftBytes: number): Promise<number> {
    const file = await open(this.#ballast, 'w');
    try {
      while (await written(file)) {}
      const { size } = await stat(this.#ballast);
      const kept = Math.max(0, size - leftBytes);
      await file.truncate(kept);
      return kept;
    } finally {
      await file.close();
    }
  }

  /** Gives the room back. */
  async empty(): Promise<void> {
    await rm(this.#ballast, { force: true });
  }

  async unmount(): Promise<void> {
    await unmount(this.#mount);
  }

  get #content(): string {
    return join(this.#mount, 'content');
  }

  get #ballast(): string {
    return join(this.#mount, 'ballast');
  }
}

async function written(file: Awaited<ReturnType<typeof open>>): Promise<boolean> {
  try {
    await file.appendFile(PIECE);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    throw error;
  }
}

async function unmount(mount: string): Promise<void> {
  // Lazy: whoever still ends there does not hold it up.
  await run('umount', ['--lazy', mount]);
  await rmdir(mount);
}

/** Takes away the disks of runs that were killed. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const pid = Number.parseInt(name.slice(PREFIX.length), 10);
    if (!isAlive(pid)) await unmount(join(tmpdir(), name));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and is another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
