import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Returns the directory for downloads, builds and the register of runs: `$XDG_CACHE_HOME/tallystick` or
 * `~/.cache/tallystick`.
 */
export function cacheDirectory(): string {
  const base = process.env['XDG_CACHE_HOME'];
  return join(base === undefined || base === '' ? join(homedir(), '.cache') : base, 'tallystick');
}
