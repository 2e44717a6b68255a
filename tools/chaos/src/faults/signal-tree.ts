import { readdirSync, readFileSync } from 'node:fs';

/** Sends a signal to a process and its descendants: Postgres has a process for each connection. */
export function signalTree(pid: number, signal: 'SIGSTOP' | 'SIGCONT'): void {
  for (const one of [pid, ...descendantsOf(pid)]) {
    try {
      process.kill(one, signal);
    } catch (error) {
      // It ended before the signal.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

function descendantsOf(pid: number): number[] {
  const parents = new Map(processes().map(({ pid: child, parent }) => [child, parent]));
  const isBelow = (child: number): boolean => {
    for (let at = parents.get(child); at !== undefined; at = parents.get(at)) if (at === pid) return true;
    return false;
  };
  return [...parents.keys()].filter(isBelow);
}

/** Returns every process of the system; none without `/proc`. */
function processes(): { pid: number; parent: number }[] {
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      // The name in parentheses may contain spaces; after it: state, parent.
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      return [{ pid: Number(name), parent: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) }];
    } catch {
      return [];
    }
  });
}
