import { html, type Html, type HtmlPart } from '@tallystick/pages';
import type { InterfaceFigures } from '../../../figures/interface-figures.ts';
import type { SystemFigures } from '../../../figures/system-figures.ts';
import type { Tone } from '../../parts/badge.ts';
import { countText, durationText } from '../../parts/numbers.ts';
import { spanText } from '../../parts/text.ts';

/** Something that an operator should look at now. */
export interface Attention {
  tone: Extract<Tone, 'warn' | 'bad'>;
  /** A word for the badge. */
  word: string;
  text: HtmlPart;
}

/** What is missing while a part does not answer the console. */
export const absences = {
  kafka: 'Kafka does not answer the console: messages and quarantines are shown as they were read before.',
  postgres: 'Postgres does not answer the console: payments and quarantine are missing until it does.',
} as const;

/** Above these, a queue no longer drains as it should. */
const LAG_MAX = 1_000;
const OUTBOX_AGE_MAX_S = 10;
/** A signing key is replaced long before. */
const KEY_LEFT_MIN_S = 7 * 86_400;
/** A snapshot lives an hour, and a new one comes long before its end. */
const SNAPSHOT_AGE_MAX_S = 3_600;
/** The books are checked every few minutes. */
const LEDGER_CHECK_AGE_MAX_MS = 15 * 60_000;
/** Share of the budget below which it is worth a look. */
const BUDGET_LEFT_MIN = 0.25;

/** Interfaces that one line names. */
const NAMED_MAX = 3;

/** Returns whether queues no longer drain as they should. */
export function isQueueSlow({ lag = 0, outboxAgeS = 0 }: { lag?: number; outboxAgeS?: number }): boolean {
  return lag > LAG_MAX || outboxAgeS > OUTBOX_AGE_MAX_S;
}

/** Returns what needs attention, the worst first. */
export function attentionTo(
  parts: {
    interfaces: readonly InterfaceFigures[];
    system: SystemFigures;
    /** Records in quarantine; `undefined` while Postgres does not answer the console. */
    waiting: number | undefined;
    isKafkaAway: boolean;
  },
  nowMs: number,
): Attention[] {
  const found: Attention[] = [];
  const bad = (word: string, text: HtmlPart): void => void found.push({ tone: 'bad', word, text });
  const warn = (word: string, text: HtmlPart): void => void found.push({ tone: 'warn', word, text });
  const { interfaces, system, waiting, isKafkaAway } = parts;
  if (isKafkaAway) bad('Kafka', absences.kafka);
  if (waiting === undefined) bad('Postgres', absences.postgres);
  for (const one of system.services) {
    if (one.known > 0 && one.up === 0) bad('down', html`${one.service}: no process answers`);
    else if (one.up < one.known)
      warn('partly down', `${one.service}: ${one.up} of ${one.known} processes answer`);
    if ((one.lag ?? 0) > LAG_MAX) warn('lag', `${one.service}: ${countText(one.lag!)} records wait`);
    if ((one.outboxAgeS ?? 0) > OUTBOX_AGE_MAX_S)
      warn('outbox', `${one.service}: the oldest unpublished message is ${durationText(one.outboxAgeS)} old`);
    if (one.keyRemainingS !== undefined && one.keyRemainingS < KEY_LEFT_MIN_S)
      warn(
        'key',
        one.keyRemainingS <= 0
          ? `${one.service}: the certificate of its key has ended`
          : `${one.service}: the certificate of its key ends in ${spanText(one.keyRemainingS * 1_000)}`,
      );
    if ((one.snapshotAgeS ?? 0) > SNAPSHOT_AGE_MAX_S)
      bad('keys', `${one.service}: its snapshot of keys is ${spanText(one.snapshotAgeS! * 1_000)} old`);
  }
  for (const { of, currency, amountMinor } of system.imbalances)
    bad('books', `${currency}: ${of} do not balance by ${amountMinor} minor units`);
  if (system.ledgerCheckedAtMs !== undefined && nowMs - system.ledgerCheckedAtMs > LEDGER_CHECK_AGE_MAX_MS)
    warn('books', `The books were last checked ${spanText(nowMs - system.ledgerCheckedAtMs)} ago`);
  const low = interfaces.filter(({ budgetLeft = 1 }) => budgetLeft < BUDGET_LEFT_MIN);
  const missed = low.filter(({ budgetLeft }) => budgetLeft! < 0);
  const used = low.filter(({ budgetLeft }) => budgetLeft! >= 0);
  if (missed.length > 0)
    bad(
      'objectives',
      html`${namesOf(missed)} ${missed.length === 1 ? 'misses its objective' : 'miss their objectives'} over
      the last hour`,
    );
  if (used.length > 0)
    warn(
      'objectives',
      html`${namesOf(used)}
      ${used.length === 1 ? 'has used most of its budget' : 'have used most of their budgets'} over the last
      hour`,
    );
  if (waiting !== undefined && waiting > 0)
    warn(
      'quarantine',
      html`<a href="/quarantine">${countText(waiting)} ${waiting === 1 ? 'record waits' : 'records wait'}</a>
        for a decision`,
    );
  return found.sort((a, b) => Number(a.tone === 'warn') - Number(b.tone === 'warn'));
}

/** Names the worst interfaces, and says how many more there are: an outage touches many at once. */
function namesOf(list: readonly InterfaceFigures[]): Html {
  const worst = list.toSorted((a, b) => a.budgetLeft! - b.budgetLeft!).slice(0, NAMED_MAX);
  const more = list.length - worst.length;
  return html`${worst.map(
    ({ name, transport }, at) =>
      html`${at > 0 && ', '}<a href="${cataloguePath(transport, name)}">${name}</a>`,
  )}${more > 0 && ` and ${more} more`}`;
}

/** Returns the page of an interface in the catalogue. */
export function cataloguePath(transport: 'http' | 'kafka', name: string): string {
  return `/catalogue/${transport === 'http' ? 'operations' : 'messages'}/${encodeURIComponent(name)}`;
}
