import { execFile } from 'node:child_process';
import { mkdtemp, open, readdir, rename, rm, rmdir, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PREFIX = 'tallystick-disk-';
const PIECE = Buffer.alloc(64 * 1_024);

/** A disk of a few megabytes more than a directory needs. The directory can be moved there, and the disk filled up. */
export class SmallDisk {
  readonly #mount: string;

  private constructor(mount: string) {
    this.#mount = mount;
  }

  /**
   * Mounts one in memory.
   * @param directory the directory to hold
   * @param freeMegabytes additional space
   * @throws Error if this machine does not permit it: it takes Linux, and root with the right to mount
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
      throw new Error('a small disk cannot be mounted here; it requires Linux and root');
    }
    return new SmallDisk(mount);
  }

  /** Moves a directory to this disk and leaves a link in its place. The directory must not be in use. */
  async moveIn(directory: string): Promise<void> {
    await run('cp', ['-a', directory, this.#content]);
    await rename(directory, `${directory}.away`);
    await symlink(this.#content, directory);
  }

  /** Moves the directory back. It must not be in use. */
  async moveOut(directory: string): Promise<void> {
    await rm(`${directory}.away`, { recursive: true });
    await run('cp', ['-a', this.#content, `${directory}.away`]);
    await rm(directory);
    await rename(`${directory}.away`, directory);
  }

  /** Fills the disk except for some bytes. @returns the number of bytes written */
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

  /** Frees the filled space. */
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
  // Lazy: processes that still end there do not delay it.
  await run('umount', ['--lazy', mount]);
  await rmdir(mount);
}

/** Removes the disks of killed runs. */
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
    // EPERM: it is alive and belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
