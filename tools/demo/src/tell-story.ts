import type { StackFile } from '@tallystick/stack';
import { tryEverything } from './hostile/hostile.ts';
import type { Narrator } from './narrator.ts';
import { grantMandate, openAndFund } from './story/accounts.ts';
import { checkBooks } from './story/books.ts';
import { issueCard, payByCard } from './story/card.ts';
import { payByProducer, payInVersion1, payOverHttp } from './story/payments.ts';
import { signEverybodyIn } from './story/people.ts';
import { showTrace, type TraceLinks } from './story/trace.ts';
import { watch, type World } from './world.ts';

/**
 * Tells the main story, chapter by chapter. Later chapters depend on earlier ones, so the first broken chapter ends
 * it.
 * @param traces where the trace of a payment is read and viewed
 * @returns when the story is over; the narrator has counted the statements that held
 */
export async function tellStory(
  stack: StackFile,
  traces: TraceLinks,
  narrator: Narrator,
  colour: boolean,
): Promise<void> {
  const watching = await watch(stack);
  const world = { stack, narrator, watch: watching } as World;
  const chapters: [string, () => Promise<unknown>][] = [
    ['Signing in', async () => Object.assign(world, await signEverybodyIn(stack, narrator))],
    ['Accounts', () => openAndFund(world)],
    ['A mandate', () => grantMandate(world)],
    ['A payment over HTTP', () => payOverHttp(world)],
    ['A payment by a third party, over Kafka', () => payByProducer(world)],
    ['A card', () => issueCard(world)],
    ['A card payment', () => payByCard(world)],
    ['Payments in version 1', () => payInVersion1(world)],
    ['Hostile input', () => tryEverything(world)],
    ['One payment, one trace', () => showTrace(world, traces, colour)],
    ['The books', () => checkBooks(world)],
  ];
  try {
    for (const [title, work] of chapters) {
      const isComplete = await narrator.during(title, async () => void (await work()));
      if (!isComplete) break;
    }
  } finally {
    await watching.stop();
  }
}
