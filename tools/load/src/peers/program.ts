import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { once } from 'node:events';

const LINES_SHOWN = 10;

/** Whether an HTTP server answers, with any status. */
export async function answers(url: string): Promise<boolean> {
  try {
    await (await fetch(url)).body?.cancel();
    return true;
  } catch {
    return false;
  }
}

/** Whether something listens on a port of this machine. */
export function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** Runs a program to its end. @returns its status and the end of its output */
export async function runToEnd(
  command: string,
  args: readonly string[],
  options: { env: Record<string, string | undefined>; cwd: string },
): Promise<{ code: number | null; lastLines: string }> {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      lines.push(...text.split('\n').filter(Boolean));
      lines.splice(0, lines.length - LINES_SHOWN);
    });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, lastLines: lines.join('\n') };
}

/** Returns the URL of a database for a program that would ask for TLS otherwise. */
export function withoutTls(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.searchParams.set('sslmode', 'disable');
  return url.href;
}
