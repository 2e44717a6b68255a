import type { ScopeInWords } from '../../domain/scope-words.ts';
import { html, type Html } from '@tallystick/pages';
import { layout } from './layout.ts';

export interface ConsentPage {
  uid: string;
  clientName: string;
  /** The target of the answer in a checkable form: a host name or an app's custom scheme. */
  clientPlace: string;
  /** The signed-in customer. */
  email: string;
  asked: readonly ScopeInWords[];
}

export function consentPage(page: ConsentPage): string {
  return layout({
    title: 'Allow access',
    main: html`
      <h1>Allow access?</h1>
      <p class="lead"><strong>${page.clientName}</strong> asks to</p>
      <ul class="scopes">
        ${page.asked.map(askedScope)}
      </ul>
      <dl class="facts">
        <dt>Signed in as</dt>
        <dd>${page.email}</dd>
        <dt>Goes back to</dt>
        <dd>${page.clientPlace}</dd>
      </dl>
      <div class="choices">
        <form method="post" action="/login/${page.uid}/consent">
          <button class="primary" type="submit">Allow</button>
        </form>
        <form method="post" action="/login/${page.uid}/decline">
          <button class="secondary" type="submit">Decline</button>
        </form>
      </div>
      <p class="note">Allow this only if you started it yourself and trust ${page.clientName}.</p>
    `,
  });
}

function askedScope(scope: ScopeInWords): Html {
  return html`<li ${scope.movesMoney && html`class="money"`}>
    ${scope.words}${scope.movesMoney && html` <span class="tag">moves money</span>`}
  </li>`;
}
