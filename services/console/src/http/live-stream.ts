import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@tallystick/telemetry';
import type { Request, RequestHandler, Response } from 'express';
import type { Sessions, SignedIn } from '../app/sessions.ts';
import type { ConsoleCookies } from './cookies.ts';
import { faultWords } from './other-pages.ts';
import type { LivePart, PageRequest } from './page.ts';
import { endOf } from './end-of.ts';
import { problem } from './parts/notice.ts';

/** Bytes between two events keep proxies from closing a quiet stream. */
const QUIET_MAX_MS = 15_000;

/** Serves a live part as server-sent events. It ends with the session, which it does not keep alive. */
export function serveLivePart(options: {
  part: LivePart;
  cookies: ConsoleCookies;
  sessions: Sessions;
  logger: Pick<Logger, 'warn'>;
  requestOf: (request: Request, response: Response, operator: SignedIn) => PageRequest;
}): RequestHandler {
  const { part, cookies, sessions, logger, requestOf } = options;
  return async (request, response) => {
    const id = cookies.session(request);
    const who = async (): Promise<SignedIn | undefined> => {
      const found = id === undefined ? undefined : await sessions.find(id, false);
      return found?.scopes.has(part.scope) === true ? found : undefined;
    };
    let operator = await who();
    response.set({ 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
    response.flushHeaders();
    const signal = endOf(response);
    let last = '';
    let sentAt = performance.now();
    const send = (event: string | undefined, data: string): void => {
      const lines = data.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`);
      response.write(`${event === undefined ? '' : `event: ${event}\n`}${lines.join('')}\n`);
      sentAt = performance.now();
    };
    try {
      while (operator !== undefined && !signal.aborted) {
        const markup = await rendered(part, requestOf(request, response, operator));
        if (markup !== last) send(undefined, markup);
        else if (performance.now() - sentAt > QUIET_MAX_MS) response.write(': quiet\n\n');
        last = markup;
        await delay(part.everyMs, undefined, { signal });
        operator = await who();
      }
      if (!signal.aborted) send('ended', '');
    } catch (error) {
      if (!signal.aborted) logger.warn({ err: error, part: part.path }, 'console.live_part_failed');
    }
    response.end();
  };
}

async function rendered(part: LivePart, request: PageRequest): Promise<string> {
  try {
    return (await part.render(request)).markup;
  } catch (error) {
    const words = faultWords(error);
    if (words === undefined) throw error;
    return problem(words.title, words.text).markup;
  }
}
