import { chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SettingError } from '@tallystick/stack';
import type { SecretFiles } from './make-secrets.ts';

/** The user that services run as in their images. */
export const IMAGE_USER = 10_001;

/** The owner of the files, who can read them in addition to root. */
export interface Owner {
  uid: number;
  gid: number;
}

/**
 * Writes secrets that only their owner and group can read. Root transfers them to the user of the images, since a
 * container that does not run as root must read its mounts.
 * @throws SettingError if the folder exists: secrets in use are never overwritten
 */
export function writeSecrets(directory: string, files: SecretFiles): Owner {
  if (existsSync(directory))
    throw new SettingError(
      `--directory: ${directory} already exists; remove it first if its keys are no longer needed`,
    );
  const isRoot = process.getuid?.() === 0;
  const owner = isRoot
    ? { uid: IMAGE_USER, gid: IMAGE_USER }
    : { uid: process.getuid?.() ?? IMAGE_USER, gid: process.getgid?.() ?? IMAGE_USER };
  mkdirSync(directory, { recursive: true, mode: 0o750 });
  if (isRoot) chownSync(directory, owner.uid, owner.gid);
  for (const [name, content] of Object.entries(files)) {
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
    writeFileSync(path, content, { mode: 0o640 });
    if (!isRoot) continue;
    chownSync(dirname(path), owner.uid, owner.gid);
    chownSync(path, owner.uid, owner.gid);
  }
  return owner;
}
