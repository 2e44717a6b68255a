import { API_AUDIENCE, personScopes, type Power } from '@tallystick/contracts';
import { interactionPolicy, type Account, type Configuration, type KoaContextWithOIDC } from 'oidc-provider';
import { isOneOf, peopleOf } from '../domain/people.ts';

/** The account of a person, with the name and roles of an operator. */
export interface PersonAccount extends Account {
  operator?: { name: string; roles: readonly Power[] } | undefined;
}

/** Returns the account of the person in a request; `undefined` if a client acts on its own behalf. */
export function accountIn(ctx: KoaContextWithOIDC): PersonAccount | undefined {
  return ctx.oidc.account as PersonAccount | undefined;
}

const { base, Check } = interactionPolicy;

/**
 * Returns when the provider asks a person: to sign in, also if the present session is of another kind of people than the
 * client signs in; and for consent. A client for operators asks for none: their roles decide.
 */
export function askingPolicy(): interactionPolicy.DefaultPolicy {
  const policy = base();
  policy.get('login')!.checks.add(
    new Check('other_people', 'the session is of people who do not use this client', ({ oidc }) => {
      const { accountId } = oidc.session ?? {};
      return accountId !== undefined && !isOneOf(peopleOf(oidc.client), accountId)
        ? Check.REQUEST_PROMPT
        : Check.NO_NEED_TO_PROMPT;
    }),
  );
  const consent = policy.get('consent')!;
  const native = consent.checks.get('native_client_prompt')!;
  const { check } = native;
  native.check = (ctx) => (peopleOf(ctx.oidc.client) === 'operators' ? Check.NO_NEED_TO_PROMPT : check(ctx));
  return policy;
}

/**
 * Returns the grant under which a client gets tokens. For a client for operators it is made at each sign-in: the scopes
 * that it asks for, as far as the person's roles give them. Every other client has what its customer consented to.
 */
export const grantOf: NonNullable<Configuration['loadExistingGrant']> = async (ctx) => {
  const { client, result, session, provider, params } = ctx.oidc;
  if (peopleOf(client) !== 'operators') {
    const grantId = result?.consent?.grantId ?? session?.grantIdFor(client!.clientId);
    return grantId === undefined ? undefined : provider.Grant.find(grantId);
  }
  const account = accountIn(ctx);
  if (account?.operator === undefined) return undefined;
  const held = new Set<string>(personScopes(account.operator.roles));
  const asked = typeof params?.scope === 'string' ? params.scope.split(' ') : [];
  const grant = new provider.Grant({ clientId: client!.clientId, accountId: account.accountId });
  const [given, refused] = [true, false].map((isGiven) =>
    asked.filter((scope) => scope !== 'openid' && held.has(scope) === isGiven).join(' '),
  );
  // The provider also knows the API's scopes as scopes of its own, and asks for what the grant does not mention.
  grant.addOIDCScope(`openid ${given}`.trim());
  if (given) grant.addResourceScope(API_AUDIENCE, given);
  if (refused) {
    grant.rejectOIDCScope(refused);
    grant.rejectResourceScope(API_AUDIENCE, refused);
  }
  await grant.save();
  return grant;
};
