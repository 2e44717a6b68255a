import { html } from '@tallystick/pages';
import { layout } from './layout.ts';

export interface SignInPage {
  uid: string;
  clientName: string;
  /** Initial value of the e-mail field: the client's hint, or the previous input. */
  email: string;
  /** Why the last attempt was refused. */
  problem?: string;
}

export function signInPage(page: SignInPage): string {
  return layout({
    title: 'Sign in',
    main: html`
      <h1>Sign in</h1>
      <p class="lead">to continue to <strong>${page.clientName}</strong></p>
      ${page.problem !== undefined && html`<p class="problem" role="alert" id="problem">${page.problem}</p>`}
      <form method="post" action="/login/${page.uid}">
        <label for="email">E-mail address</label>
        <input
          id="email"
          name="email"
          type="email"
          autocomplete="username"
          autocapitalize="none"
          spellcheck="false"
          maxlength="254"
          required
          value="${page.email}"
          ${page.problem !== undefined && html`aria-describedby="problem"`}
          ${page.email === '' && html`autofocus`}
        />
        <label for="password">Password</label>
        <input
          id="password"
          name="password"
          type="password"
          autocomplete="current-password"
          maxlength="1024"
          required
          ${page.problem !== undefined && html`aria-describedby="problem"`}
          ${page.email !== '' && html`autofocus`}
        />
        <button class="primary" type="submit">Sign in</button>
      </form>
      <form method="post" action="/login/${page.uid}/decline">
        <button class="quiet" type="submit">Cancel and go back</button>
      </form>
    `,
  });
}
