import type { InteractionResults, Provider } from 'oidc-provider';
import * as z from 'zod';
import { customerScopes, knownScopes } from '../domain/client-metadata.ts';

/** The scopes that still need consent, as the provider reports them. */
const missing = z.object({
  missingOIDCScope: z.array(z.string()).optional(),
  missingResourceScopes: z.record(z.string(), z.array(z.string())).optional(),
});

type Interaction = InstanceType<Provider['Interaction']>;

/**
 * Returns the distinct scopes that the client requests. They include scopes that the customer allowed before, since the
 * token will contain all of them. Names that this server does not know have no effect and are left out.
 */
export function askedScopes(interaction: Interaction): string[] {
  const { scope } = interaction.params;
  const names = typeof scope === 'string' ? scope.split(' ') : [];
  return [...new Set(names)].filter((name) => knownScopes.has(name));
}

/** Stores the customer's consent as a grant, in addition to earlier grants to this client. */
export async function grantConsent(
  provider: Provider,
  interaction: Interaction,
): Promise<InteractionResults> {
  const accountId = interaction.session?.accountId;
  const clientId = interaction.params.client_id;
  if (accountId === undefined || typeof clientId !== 'string')
    throw new Error('consent without customer or client');
  const existing =
    interaction.grantId === undefined ? undefined : await provider.Grant.find(interaction.grantId);
  const grant = existing ?? new provider.Grant({ accountId, clientId });
  const asked = missing.parse(interaction.prompt.details);
  if (asked.missingOIDCScope) grant.addOIDCScope(asked.missingOIDCScope.join(' '));
  for (const [resource, names] of Object.entries(asked.missingResourceScopes ?? {})) {
    const [given, refused] = [true, false].map((isGiven) =>
      names.filter((name) => customerScopes.has(name) === isGiven).join(' '),
    );
    if (given) grant.addResourceScope(resource, given);
    // No client may get a scope from a customer that customers cannot grant.
    if (refused) grant.rejectResourceScope(resource, refused);
  }
  return { consent: { grantId: await grant.save() } };
}
