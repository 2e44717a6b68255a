import { Router, urlencoded, type Request, type Response } from 'express';
import { errors, type Provider } from 'oidc-provider';
import { clientNetwork } from '@tallystick/http';
import { allowFormsTo, cookieOf } from '@tallystick/pages';
import { DEVICE_KNOWN_MS } from '@tallystick/security';
import * as z from 'zod';
import { waitInWords } from '../domain/guessing-limits.ts';
import { scopesInWords } from '../domain/scope-words.ts';
import { askedScopes, grantConsent } from '../oidc/consent.ts';
import type { SignIn } from '../app/sign-in.ts';
import { peopleOf, type People } from '../domain/people.ts';
import { endOtherSession } from '../oidc/end-other-session.ts';
import type { Customer } from '../store/customers.ts';
import { consentPage } from './pages/consent.ts';
import { pageStyle } from './pages/layout.ts';
import { signInPage } from './pages/sign-in.ts';

type Interaction = InstanceType<Provider['Interaction']>;

/** Postgres has no text with U+0000, so no customer has such an address. */
const email = z
  .string()
  .trim()
  .min(1)
  .max(254)
  .regex(/^[^\0]*$/);
const form = z.object({ email, password: z.string().min(1).max(1024) });
const typedEmail = z.object({ email: z.string().max(254) }).catch({ email: '' });

export interface LoginOptions {
  provider: Provider;
  signIn: SignIn;
  customer: (id: string) => Promise<Pick<Customer, 'email'> | undefined>;
}

/** Creates the pages of an interaction, sign-in and then consent, as forms that work without scripts. */
export function loginRoutes({ provider, signIn, customer }: LoginOptions): Router {
  const router = Router();
  const isSecure = provider.issuer.startsWith('https:');
  const deviceCookieName = isSecure ? '__Host-device' : 'device';
  const body = urlencoded({ extended: false, limit: '8kb', parameterLimit: 10 });

  router.get(pageStyle.path, pageStyle.serve);

  router.get('/login/:uid', async (request, response) => {
    const interaction = await interactionOf(request, response);
    if (interaction.prompt.name === 'login')
      return showSignIn(response, interaction, { email: hintOf(interaction) });
    await showConsent(response, interaction);
  });

  router.post('/login/:uid', body, async (request, response) => {
    const interaction = await interactionOf(request, response, 'login');
    const input = form.safeParse(request.body);
    if (!input.success) {
      const { email } = typedEmail.parse(request.body);
      return showSignIn(response.status(422), interaction, {
        email,
        problem: 'Enter your e-mail address and password.',
      });
    }
    const { email, password } = input.data;
    const client = await clientOf(interaction);
    const outcome = await signIn.signIn({
      people: client.people,
      email,
      password,
      address: clientNetwork(request.ip),
      deviceCookie: cookieOf(request, deviceCookieName),
    });
    switch (outcome.kind) {
      case 'wait':
        response.status(429).set('retry-after', String(outcome.waitS));
        return showSignIn(response, interaction, {
          email,
          problem: `Too many attempts. Wait ${waitInWords(outcome.waitS)}, then try again.`,
        });
      case 'wrong':
        return showSignIn(response.status(422), interaction, {
          email,
          problem: 'The e-mail address or the password is wrong.',
        });
      case 'signed-in':
        response.cookie(deviceCookieName, outcome.deviceCookie, {
          httpOnly: true,
          sameSite: 'lax',
          secure: isSecure,
          path: '/',
          maxAge: DEVICE_KNOWN_MS,
        });
        await endOtherSession(provider, interaction, outcome.personId);
        await provider.interactionFinished(
          request,
          response,
          { login: { accountId: outcome.personId, amr: ['pwd'] } },
          { mergeWithLastSubmission: false },
        );
    }
  });

  router.post('/login/:uid/consent', async (request, response) => {
    const interaction = await interactionOf(request, response, 'consent');
    await provider.interactionFinished(request, response, await grantConsent(provider, interaction));
  });

  router.post('/login/:uid/decline', async (request, response) => {
    await interactionOf(request, response);
    const refusal = { error: 'access_denied', error_description: 'the customer declined' };
    await provider.interactionFinished(request, response, refusal, { mergeWithLastSubmission: false });
  });

  /**
   * Returns the interaction of the browser's cookie. The path must name the same interaction, and `prompt` must be its
   * current prompt.
   */
  async function interactionOf(request: Request, response: Response, prompt?: string): Promise<Interaction> {
    response.set('cache-control', 'no-store');
    const interaction = (await provider.interactionDetails(request, response)) as Interaction;
    if (
      interaction.uid !== request.params.uid ||
      (prompt !== undefined && interaction.prompt.name !== prompt)
    ) {
      throw new errors.SessionNotFound('the interaction is another');
    }
    allowFormsTo(response, String(interaction.params.redirect_uri));
    return interaction;
  }

  async function clientOf(interaction: Interaction): Promise<{ name: string; people: People }> {
    const client = await provider.Client.find(String(interaction.params.client_id));
    if (client === undefined) throw new errors.InvalidClient('the client is gone', 'client not found');
    return { name: client.clientName ?? client.clientId, people: peopleOf(client) };
  }

  async function showSignIn(
    response: Response,
    interaction: Interaction,
    shown: { email: string; problem?: string },
  ): Promise<void> {
    const { name } = await clientOf(interaction);
    response.send(signInPage({ uid: interaction.uid, clientName: name, ...shown }));
  }

  async function showConsent(response: Response, interaction: Interaction): Promise<void> {
    const { name } = await clientOf(interaction);
    const signedIn = await customer(interaction.session?.accountId ?? '');
    if (signedIn === undefined) throw new errors.SessionNotFound('the customer is gone');
    response.send(
      consentPage({
        uid: interaction.uid,
        clientName: name,
        clientPlace: placeOf(String(interaction.params.redirect_uri)),
        email: signedIn.email,
        asked: scopesInWords(askedScopes(interaction)),
      }),
    );
  }

  return router;
}

function hintOf(interaction: Interaction): string {
  const hint = interaction.params.login_hint;
  return typeof hint === 'string' ? hint.slice(0, 254) : '';
}

/** Returns the target of a redirect in a form that a person can check. */
function placeOf(redirectUri: string): string {
  const { host, protocol } = new URL(redirectUri);
  return protocol === 'http:' || protocol === 'https:' ? host : `an app on this device (${protocol})`;
}
