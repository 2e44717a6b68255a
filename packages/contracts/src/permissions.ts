import type { Permission } from './operations/auth.ts';
import { messages } from './register.ts';
import { DECISIONS_AUDIENCE, topics, type ServiceName } from './topics.ts';

/** Which service sends which commands. Events come from the owner of their topic alone. */
const commandsOf: Record<ServiceName, { type: string; topic: string }[]> = {
  auth: [],
  account: [],
  card: [messages.holdPlace, messages.mandateGrant, messages.cardDecision],
  payment: [
    messages.holdPlace,
    messages.holdPost,
    messages.holdVoid,
    messages.transferCreate,
    messages.cardAuthorize,
  ],
};

/** What the signing key of a service may send, and no more: the permissions in its certificate. */
export function servicePermissions(service: ServiceName): Permission[] {
  const events = Object.values(messages).filter(
    ({ kind, topic }) => kind === 'event' && topic !== DECISIONS_AUDIENCE && topics[topic].owner === service,
  );
  return byTopic([...events, ...commandsOf[service]]);
}

/** What an outside producer may be allowed to send. */
export const outsideCommands: Permission[] = byTopic([
  messages.paymentCreate,
  messages.paymentCapture,
  messages.paymentCancel,
  messages.paymentRefund,
  messages.cardTokenize,
]);

function byTopic(sent: readonly { type: string; topic: string }[]): Permission[] {
  return [...Map.groupBy(sent, ({ topic }) => topic)].map(([topic, group]) => ({
    topic,
    types: group.map(({ type }) => type),
  }));
}
