import type { Request } from 'express';

/** Returns the value of a cookie as sent; `undefined` if the request has none of this name. */
export function cookieOf(request: Request, name: string): string | undefined {
  const pairs = (request.headers.cookie ?? '').split('; ').map((pair) => pair.split('='));
  return pairs.find(([key]) => key === name)?.[1];
}
