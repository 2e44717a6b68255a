import type { Provider } from 'oidc-provider';

type Interaction = InstanceType<Provider['Interaction']>;

/**
 * Ends the browser's session of another person before a person signs in: a browser has one session, and an operator does
 * not inherit that of a customer. The provider would do so with a page that needs a script.
 * @param personId who signs in
 */
export async function endOtherSession(
  provider: Provider,
  interaction: Interaction,
  personId: string,
): Promise<void> {
  const present = interaction.session;
  if (present === undefined || present.accountId === personId) return;
  const session = await provider.Session.findByUid(present.uid);
  await session?.destroy();
  delete (interaction as { session?: unknown }).session;
  await interaction.save(Math.max(1, interaction.exp - Math.floor(Date.now() / 1_000)));
}
