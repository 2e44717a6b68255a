import { html, Html } from '@tallystick/pages';
import { layout } from './layout.ts';

/** @param form the provider's own form, `op.logoutForm`, with its token against forged requests */
export function signOutPage(form: string): string {
  return layout({
    title: 'Sign out',
    main: html`
      <h1>Sign out?</h1>
      <p class="lead">You will have to sign in again the next time.</p>
      ${new Html(form)}
      <div class="choices">
        <button class="primary" type="submit" form="op.logoutForm" name="logout" value="yes">Sign out</button>
        <button class="secondary" type="submit" form="op.logoutForm">Stay signed in</button>
      </div>
    `,
  });
}
