import { html, Html } from '@tallystick/pages';
/** The settings of the page's script. */
export interface PageSettings {
  issuer: string;
  /** The page's own address, to which the sign-in returns. */
  page: string;
  /** The client as which people sign in; `undefined`: the page only shows. */
  clientId: string | undefined;
  scope: string;
}

/**
 * Builds the page that shows the interfaces of a service.
 * @param service its name in contracts
 * @param messages the part with its messages
 */
export function documentsPage(service: string, settings: PageSettings, messages: Html): string {
  // Within a script element only `<` could end it.
  const json = new Html(JSON.stringify(settings).replaceAll('<', '\\u003c'));
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <link rel="icon" href="data:," />
        <title>Tallystick ${service}: interfaces</title>
        <link rel="stylesheet" href="/docs/swagger-ui.css" />
        <link rel="stylesheet" href="/docs/docs.css" />
        <script type="application/json" id="settings">
          ${json}
        </script>
        <script defer src="/docs/swagger-ui-bundle.js"></script>
        <script type="module" src="/docs/try-it-out.js"></script>
      </head>
      <body>
        <header>
          <h1>Tallystick ${service}</h1>
          <nav><a href="/openapi.json">OpenAPI</a><a href="/asyncapi.json">AsyncAPI</a></nav>
          <button id="sign-in" type="button" hidden>Sign in to try it out</button>
          <span id="status" role="status"></span>
        </header>
        <main>
          <div id="interfaces"></div>
          ${messages}
        </main>
        <noscript
          >This page needs scripts. The document is at <a href="/openapi.json">/openapi.json</a>.</noscript
        >
      </body>
    </html> `.markup;
}
