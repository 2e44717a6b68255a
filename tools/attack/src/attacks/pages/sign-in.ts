import type { Browser } from '@tallystick/demo';
import { verdict, type Attack } from '../../attack.ts';
import { OauthClient, openSignIn, type SignInPage } from '../../http/oauth-client.ts';
import type { World } from '../../target/world.ts';
import { patientBrowser } from '../../http/patient-browser.ts';

/** The route of the sign-in form. */
export const SIGN_IN = 'POST /login/{uid}';

/** Returns a client of the protocol with the thief's key. */
export const clientOf = (world: World): OauthClient => new OauthClient(world, world.thief.client.dpopKey);

/** Opens a sign-in page in a new browser. */
export async function opened(
  world: World,
  browser = patientBrowser(),
): Promise<{ page: SignInPage; browser: Browser }> {
  return { page: await openSignIn(clientOf(world), browser), browser };
}

/** Returns the fields of the form, filled in. */
export function filled({ fields }: SignInPage, email: string, password: string): URLSearchParams {
  const form = new URLSearchParams(fields);
  form.set('email', email);
  form.set('password', password);
  return form;
}

/** Signs the thief in by the form that the attacks send in another way. */
export const honestSignIn: Attack['control'] = async (world) => {
  const { page, browser } = await opened(world);
  const response = await browser.post(page.url, filled(page, world.thief.email, world.thief.password));
  return verdict('303', String(response.status));
};
