import type { Client } from '@tallystick/client';
import type { Scope } from '@tallystick/contracts';
import type { Html } from '@tallystick/pages';
import type { Response } from 'express';
import type { SignedIn } from '../app/sessions.ts';

/** The operator of a request, as pages need to know them. */
export type PageOperator = Pick<SignedIn, 'operatorId' | 'name' | 'roles' | 'scopes'>;

/** A request of a page by an operator who may see it. */
export interface PageRequest {
  operator: PageOperator;
  /** Calls operations of the services as this operator. One that is away answers with `NoAnswerError`. */
  client: Client;
  /** Path and query, as the browser asked for it. */
  url: string;
  /** The parameters in the page's path. */
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  /** The fields of a form that was sent; empty otherwise. */
  form: URLSearchParams;
  /** Ends when the browser no longer waits. */
  signal: AbortSignal;
}

/** What a page shows. */
export interface PageContent {
  /** The heading and the window's title; by default the title of the page. */
  title?: string;
  /** One sentence under the heading. */
  lead?: Html | string;
  /** Beside the heading: links and badges. */
  aside?: Html;
  main: Html;
  /** Defaults to 200. */
  status?: number;
}

/** Where the browser goes after a form: the path of a page. */
export interface Redirection {
  redirect: string;
}

/** An answer that is no page, such as a file. */
export interface RawAnswer {
  send: (response: Response) => Promise<void> | void;
}

export type PageAnswer = PageContent | Redirection | RawAnswer;

/** A part of a page that stays current: the server renders it again, and the browser replaces it. */
export interface LivePart {
  /** Its path, with parameters as `:name`. A page names it in the attribute `data-live`; see `live` in `parts/live.ts`. */
  path: string;
  /** The scope that an operator needs. */
  scope: Scope;
  /** How often it is rendered. It is sent if it changed. */
  everyMs: number;
  render: (request: PageRequest) => Promise<Html>;
}

/** A page of the console. */
export interface Page {
  /** Its path, with parameters as `:name`: `/accounts/:accountId`. */
  path: string;
  /** The heading, and the link in the navigation. */
  title: string;
  /** The scope that an operator needs. */
  scope: Scope;
  /** Its position in the navigation; absent if it is not there. */
  nav?: number;
  show: (request: PageRequest) => Promise<PageAnswer>;
  /** Answers a form of the page: an operator acts. */
  act?: (request: PageRequest) => Promise<PageAnswer>;
  live?: readonly LivePart[];
  /** Returns the path of the page about a thing that somebody searches for; `undefined` if the page does not know such. */
  find?: (text: string) => string | undefined;
}
