import { createHash } from 'node:crypto';
import type { RequestHandler } from 'express';

/** A stylesheet or a script of pages. */
export interface Asset {
  /** Its address, which changes with the content: browsers may keep it forever. */
  path: string;
  serve: RequestHandler;
}

/**
 * Creates an asset from its text.
 * @param folder of its address, such as `/login`
 */
export function asset(folder: string, type: 'css' | 'js', content: string): Asset {
  const digest = createHash('sha256').update(content).digest('hex').slice(0, 12);
  return {
    path: `${folder}/pages-${digest}.${type}`,
    serve: (_request, response) => {
      response.set('cache-control', 'public, max-age=31536000, immutable').type(type).send(content);
    },
  };
}
