import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  DOCUMENT_PATHS,
  isForOperators,
  operations,
  PROTECTED_RESOURCE_PATH,
  services,
} from '@tallystick/contracts';
import { asyncApi, openApi } from '@tallystick/interfaces';
import type { Express, RequestHandler, Response } from 'express';
import helmet from 'helmet';
import { messagesPart } from './messages-part.ts';
import { documentsPage } from './page.ts';

const assets = fileURLToPath(new URL('../../assets/', import.meta.url));
const swaggerUi = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

/** The files of the page, by their names below `/docs/`. */
const files: Readonly<Record<string, string>> = {
  'try-it-out.js': join(assets, 'try-it-out.js'),
  'docs.css': join(assets, 'docs.css'),
  'swagger-ui.css': join(swaggerUi, 'swagger-ui.css'),
  'swagger-ui-bundle.js': join(swaggerUi, 'swagger-ui-bundle.js'),
};
const FILE_KEPT_MS = 3_600_000;

export interface DocumentsOptions {
  service: string;
  publicUrl: string;
  issuer: string;
  /** The client as which people sign in on the page; `undefined`: the page only shows. */
  clientId: string | undefined;
}

/**
 * Serves the documents of a service's interfaces: `/openapi.json`, `/asyncapi.json`, `/docs`, a page that shows them and
 * sends signed requests, and the catalogue that names all of them. They are public and need no token.
 */
export function serveDocuments(app: Express, options: DocumentsOptions, ...before: RequestHandler[]): void {
  const { service, publicUrl, issuer, clientId } = options;
  const name = services.find((one) => one === service);
  const open = JSON.stringify(openApi({ of: () => publicUrl, issuer }, name));
  const async = JSON.stringify(asyncApi());
  app.get(DOCUMENT_PATHS.openApi, ...before, (_request, response) => sendJson(response, open));
  app.get(DOCUMENT_PATHS.asyncApi, ...before, (_request, response) => sendJson(response, async));

  const catalog = JSON.stringify({ linkset: [linksOf(publicUrl)] });
  app.get(DOCUMENT_PATHS.catalog, ...before, (_request, response) => {
    response
      .type(`application/linkset+json; profile="${CATALOG_PROFILE}"`)
      .links({ 'api-catalog': publicUrl + DOCUMENT_PATHS.catalog })
      .send(catalog);
  });

  const page = documentsPage(
    service,
    {
      issuer,
      page: publicUrl + DOCUMENT_PATHS.page,
      clientId,
      scope: ['openid', ...scopesOf(service)].join(' '),
    },
    messagesPart(service),
  );
  app.get(DOCUMENT_PATHS.page, ...before, policyFor(issuer), (_request, response) => {
    response.type('text/html').send(page);
  });
  for (const [file, path] of Object.entries(files))
    app.get(`${DOCUMENT_PATHS.page}/${file}`, ...before, (_request, response, next) => {
      response.sendFile(path, { maxAge: FILE_KEPT_MS }, next);
    });
}

/** The profile of a linkset that is a catalogue of APIs (RFC 9727 §4.2). */
const CATALOG_PROFILE = 'https://www.rfc-editor.org/info/rfc9727';

/** Returns the links of the service's API (RFC 9264, with the relations of RFC 8631). */
function linksOf(publicUrl: string): Record<string, unknown> {
  return {
    anchor: publicUrl,
    'service-desc': [
      { href: publicUrl + DOCUMENT_PATHS.openApi, type: 'application/json' },
      { href: publicUrl + DOCUMENT_PATHS.asyncApi, type: 'application/json' },
    ],
    'service-doc': [{ href: publicUrl + DOCUMENT_PATHS.page, type: 'text/html' }],
    'service-meta': [{ href: publicUrl + PROTECTED_RESOURCE_PATH, type: 'application/json' }],
  };
}

/** Only this origin's scripts and styles run; requests go to this service and to the authorization server. */
function policyFor(issuer: string): RequestHandler {
  return helmet.contentSecurityPolicy({
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", 'data:'],
      connectSrc: ["'self'", issuer],
      formAction: ["'none'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
  });
}

/** Returns the scopes of a service's operations that customers grant. */
function scopesOf(service: string): string[] {
  const own = Object.values(operations).filter((one) => one.service === service && !isForOperators(one));
  return [...new Set(own.map(({ scope }) => scope))].toSorted();
}

function sendJson(response: Response, text: string): void {
  response.type('application/json').send(text);
}
