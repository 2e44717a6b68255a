import { honestOrderIsCaptured, readBooks, type World } from '@tallystick/attack';
import type { CoreServiceName } from '@tallystick/contracts';
import { answerTo } from './answers.ts';
import { generate, readMessages } from './generate.ts';
import { faultsOf, isForClients, type Answered } from './judge.ts';
import { send, type Sent } from './send.ts';
import { behind, refusedRecords, type Refused } from './settled.ts';
import type { Known } from './values.ts';

const ANSWERED_WITHIN_MS = 20_000;

export interface MessageFuzz {
  /** Valid payloads for each version of a message, and as many nearly valid ones. */
  examples: number;
  seed: number;
  only?: readonly CoreServiceName[] | undefined;
}

/** What became of the messages. */
export interface MessageReport {
  seed: number;
  sent: number;
  valid: number;
  /** Numbers of quarantined records by reason. */
  quarantined: Record<string, number>;
  /** Numbers of answers to valid commands by type, and code if it is a rejection. */
  answers: Record<string, number>;
  /** What did not end as its schema says, and what stopped. */
  faults: string[];
}

/**
 * Sends generated messages, each sealed by a party that may send it, and judges what became of them: a valid one is
 * handled and a valid command is answered; any other is quarantined by its schema. Afterwards the books must balance and
 * an honest order must still be carried out.
 */
export async function fuzzMessages(
  world: World,
  { examples, seed, only }: MessageFuzz,
  progress: (line: string) => void,
): Promise<MessageReport> {
  const generated = generate(readMessages(only), { count: examples, seed, known: knownTo(world) });
  progress(`Sending ${generated.length} messages`);
  const sent = await send(world, generated);
  progress('Waiting until each service has read them');
  const late = await behind(world);
  const answers = await answersTo(world, sent);
  const refused = await refusedRecords(world);
  const faults = [
    ...late,
    ...faultsOf({ sent, refused, answers }),
    ...(await faultsOfOutcomes(world, sent)),
    ...(await faultsAfterwards(world)),
  ];
  return {
    seed,
    sent: sent.length,
    valid: sent.filter(({ isValid }) => isValid).length,
    quarantined: counted(refused, ({ reason }: Refused) => reason),
    answers: counted([...answers.values()], (answer) =>
      answer === undefined ? 'none' : `${answer.type} ${answer.code ?? ''}`.trim(),
    ),
    faults,
  };
}

/** Objects whose state the generated messages may change; the honest order concerns others. */
function knownTo({ objects: { accountId, cardId, paymentId } }: World): Known {
  return { ids: { acc: [accountId!], crd: [cardId!], pay: [paymentId!] }, nowMs: Date.now() };
}

async function answersTo(world: World, sent: readonly Sent[]): Promise<Map<string, Answered | undefined>> {
  const asked = sent.filter(({ definition, isValid }) => isValid && definition.outcomes.length > 0);
  const forged = new Set(sent.map(({ claims: { jti } }) => jti));
  const answers = asked.map(async ({ mark, definition, claims: command }) => {
    try {
      const { claims } = await answerTo(world, definition, command, ANSWERED_WITHIN_MS, forged);
      const { code } = claims.data as { code?: string };
      return [mark, { type: claims.type, code }] as const;
    } catch {
      // None came in time.
      return [mark, undefined] as const;
    }
  });
  return new Map(await Promise.all(answers));
}

/** Third parties must read each valid outcome and no other. Their topic has no quarantine. */
async function faultsOfOutcomes(world: World, sent: readonly Sent[]): Promise<string[]> {
  const checked = sent
    .filter(isForClients)
    .map(async ({ definition: { type }, version, isValid, claims }) => {
      const isRead = await world.watch.events
        .next((event) => event.claims.jti === claims.jti, isValid ? ANSWERED_WITHIN_MS : 0)
        .then(
          () => true,
          () => false,
        );
      if (isRead === isValid) return [];
      return [
        `${type} ${version}: a third party ${isRead ? 'reads an invalid one' : 'does not read a valid one'}`,
      ];
    });
  return (await Promise.all(checked)).flat();
}

async function faultsAfterwards(world: World): Promise<string[]> {
  const { isBalanced } = await readBooks(world);
  const order = await honestOrderIsCaptured(world).catch((error: unknown) => ({
    held: false,
    shown: String(error),
  }));
  return [
    ...(isBalanced ? [] : ['the trial balance is not zero']),
    ...(order.held ? [] : [`an honest order ended as ${order.shown}`]),
  ];
}

function counted<Item>(items: readonly Item[], nameOf: (item: Item) => string): Record<string, number> {
  const groups = [...Map.groupBy(items, nameOf)].map(([name, those]) => [name, those.length] as const);
  return Object.fromEntries(groups.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
