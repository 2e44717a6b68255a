import type { Request, Response } from 'express';
import { cookieOf } from '@tallystick/pages';

/** A sign-in must come back within this time. */
const SIGN_IN_MAX_MS = 15 * 60_000;

/** The cookies of the console. Each has an unguessable id only, which scripts cannot read. */
export class ConsoleCookies {
  readonly #secure: boolean;

  /** @param secure whether the console is reached over HTTPS; on plain HTTP (loopback) there is no `__Host-` prefix */
  constructor(secure: boolean) {
    this.#secure = secure;
  }

  session(request: Request): string | undefined {
    return cookieOf(request, this.#nameOf('console'));
  }

  setSession(response: Response, id: string): void {
    this.#set(response, 'console', id);
  }

  clearSession(response: Response): void {
    response.clearCookie(this.#nameOf('console'), this.#attributes());
  }

  signIn(request: Request): string | undefined {
    return cookieOf(request, this.#nameOf('console-sign-in'));
  }

  setSignIn(response: Response, id: string): void {
    this.#set(response, 'console-sign-in', id, SIGN_IN_MAX_MS);
  }

  clearSignIn(response: Response): void {
    response.clearCookie(this.#nameOf('console-sign-in'), this.#attributes());
  }

  #set(response: Response, name: string, value: string, maxAge?: number): void {
    response.cookie(this.#nameOf(name), value, {
      ...this.#attributes(),
      ...(maxAge === undefined ? {} : { maxAge }),
    });
  }

  #nameOf(name: string): string {
    return this.#secure ? `__Host-${name}` : name;
  }

  #attributes() {
    return { httpOnly: true, sameSite: 'lax', secure: this.#secure, path: '/' } as const;
  }
}
