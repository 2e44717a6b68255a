import { errorCodes, OUTCOMES, services, type ServiceName } from '@tallystick/contracts';
import type { Sent } from './send.ts';
import type { Refused } from './settled.ts';

/** Reasons that say that the service failed, and not the message. */
const FAILURES: ReadonlySet<string> = new Set(['message.handler_failed', 'internal']);
/** The check of payloads, and the check that names one by its subject. */
const BY_SCHEMA: ReadonlySet<string> = new Set(['envelope.schema_invalid', 'envelope.subject_mismatch']);

/** What a service answered to a command: the type of the event, and the reason if it is a rejection. */
export interface Answered {
  type: string;
  code: string | undefined;
}

/** Everything that happened to the messages of a run. */
export interface Seen {
  sent: readonly Sent[];
  refused: readonly Refused[];
  /** The answer to each valid command, by its mark; `undefined` if none came. */
  answers: ReadonlyMap<string, Answered | undefined>;
}

/** Returns a line for each message that did not end as its schema says. */
export function faultsOf({ sent, refused, answers }: Seen): string[] {
  const byMark = Map.groupBy(refused, ({ mark }) => mark);
  return sent.flatMap((one) => {
    const reasons = byMark.get(one.mark) ?? [];
    const name = `${one.definition.type} ${one.version}, ${shown(one.payload)}`;
    const faults = [
      ...reasons
        .filter(({ reason }) => !Object.hasOwn(errorCodes, reason))
        .map(({ reason, consumer }) => `${consumer} quarantined it for "${reason}", which no document names`),
      ...reasons
        .filter(({ reason }) => FAILURES.has(reason))
        .map(({ reason, consumer }) => `${consumer} failed on it: ${reason}`),
      ...(one.isValid ? faultsOfValid(one, reasons, answers) : faultsOfInvalid(one, reasons)),
    ];
    return faults.map((fault) => `${name}: ${fault}`);
  });
}

function faultsOfValid(one: Sent, reasons: readonly Refused[], answers: Seen['answers']): string[] {
  const refusal = reasons.find(({ reason }) => !FAILURES.has(reason));
  if (refusal !== undefined)
    return [`${refusal.consumer} refused what the schema accepts: ${refusal.reason}`];
  if (reasons.length > 0 || !answers.has(one.mark)) return [];
  const answer = answers.get(one.mark);
  if (answer === undefined) return ['nobody answered it'];
  if (answer.code === undefined) return [];
  if (!Object.hasOwn(errorCodes, answer.code)) return [`${answer.type}: no document names ${answer.code}`];
  return FAILURES.has(answer.code) ? [`${answer.type}: ${answer.code}`] : [];
}

function faultsOfInvalid({ definition }: Sent, reasons: readonly Refused[]): string[] {
  const readers = definition.to.filter(isService);
  const missing = readers.filter((reader) => reasons.every(({ consumer }) => consumer !== reader));
  const wrong = reasons.filter(({ reason }) => !BY_SCHEMA.has(reason) && !FAILURES.has(reason));
  return [
    ...missing.map((reader) => `${reader} took what the schema refuses`),
    ...wrong.map(({ consumer, reason }) => `${consumer} refused it for ${reason}, and not by its schema`),
  ];
}

function isService(party: string): party is ServiceName {
  return (services as readonly string[]).includes(party);
}

/** Whether the readers of a message are third parties, whose topic has no quarantine. */
export function isForClients({ definition }: Pick<Sent, 'definition'>): boolean {
  return definition.topic === OUTCOMES;
}

const SHOWN_MAX = 300;

function shown(payload: unknown): string {
  const text = JSON.stringify(payload) ?? '';
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
}
