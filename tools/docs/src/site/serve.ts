import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import type { AddressInfo } from 'node:net';
import { SettingError } from '@tallystick/stack';
import { contentSecurityPolicy } from './content-security-policy.ts';

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.xml': 'application/xml',
};

/** A site that is served on this machine. */
export interface ServedSite {
  url: string;
  close(): Promise<void>;
}

/**
 * Serves a built site on this machine, each page under a policy that lets only its own scripts run.
 * @param directory of the built site
 * @param port 0 selects a free one
 * @throws SettingError if the port is in use
 */
export async function serveSite(directory: string, port: number): Promise<ServedSite> {
  const server: Server = createServer((request, response) => {
    void answerTo(directory, request.method ?? '', request.url ?? '/').then(({ status, headers, body }) => {
      response.writeHead(status, { 'X-Content-Type-Options': 'nosniff', ...headers });
      response.end(request.method === 'HEAD' ? undefined : body);
    });
  });
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause;
    throw new SettingError(`port ${port} is in use: choose another with --port`, { cause });
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface SiteAnswer {
  status: number;
  headers: Record<string, string>;
  body?: Buffer | string;
}

async function answerTo(directory: string, method: string, target: string): Promise<SiteAnswer> {
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, headers: { Allow: 'GET, HEAD' } };
  const path = pathOf(target);
  const found = path === undefined ? undefined : await fileAt(directory, path);
  if (found === 'folder') return { status: 301, headers: { Location: `${path}/` } };
  const body = found ?? (await fileAt(directory, '/404.html'));
  if (!Buffer.isBuffer(body)) return { status: 404, headers: {} };
  const isPage = found === undefined || path!.endsWith('/') || path!.endsWith('.html');
  return {
    status: found === undefined ? 404 : 200,
    headers: {
      'Content-Type': types[isPage ? '.html' : extname(path!)] ?? 'application/octet-stream',
      'Referrer-Policy': 'no-referrer',
      ...(isPage ? { 'Content-Security-Policy': contentSecurityPolicy(body.toString('utf8')) } : {}),
    },
    body,
  };
}

/** Returns the path of a request's target; `undefined` if it is no path of a site. */
function pathOf(target: string): string | undefined {
  if (!URL.canParse(target, 'http://site')) return undefined;
  try {
    return decodeURIComponent(new URL(target, 'http://site').pathname);
  } catch {
    // A target with a broken escape has no page.
    return undefined;
  }
}

/** Reads the file of a path. @returns `folder` for a folder without a slash at its end; `undefined` if there is none */
async function fileAt(directory: string, path: string): Promise<Buffer | 'folder' | undefined> {
  const file = join(directory, path.endsWith('/') ? `${path}index.html` : path);
  if (!file.startsWith(directory + sep) || file.includes('\0')) return undefined;
  const found = await stat(file).catch(() => undefined);
  if (found?.isDirectory() === true) return 'folder';
  return found === undefined ? undefined : readFile(file);
}
