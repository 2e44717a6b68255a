import { changed, gone } from './compare-operations.ts';
import { schemaBreaks, type FieldBreak } from './compare-schemas.ts';
import type { MessageContract } from './contracts.ts';
import { readersOf, sendersOf } from './parties.ts';

/** A break of a message, with who is hurt. */
export interface MessageBreak extends FieldBreak {
  hurts: string;
}

/** Lists the breaking changes of one version of a message. */
export function messageBreaks(before: MessageContract, after: MessageContract): MessageBreak[] {
  const isCommand = before.kind === 'command';
  const toSenders = hurting(sendersOf(before));
  const toReaders = hurting(readersOf(before));
  const toBoth = hurting([sendersOf(before), readersOf(before)].filter((one) => one !== '').join('; '));
  return [
    ...toBoth([
      ...changed('kind.changed', before.kind, after.kind),
      ...changed('topic.changed', before.topic, after.topic),
      ...changed('key.changed', before.key, after.key),
      ...changed('classification.changed', before.classification, after.classification),
    ]),
    ...toSenders([
      ...changed('lifetime.changed', `${before.lifetimeS} s`, `${after.lifetimeS} s`),
      ...gone('sender.removed', before.from, after.from),
      ...gone('authority.narrowed', before.authority, after.authority),
      ...gone('outcome.removed', before.outcomes, after.outcomes),
      ...(isCommand ? schemaBreaks(before.data, after.data, '/data', 'request') : []),
    ]),
    ...toReaders([
      // The owner of a command is the service that handles it; an event may get and lose readers.
      ...(isCommand ? changed('owner.changed', before.to.join(', '), after.to.join(', ')) : []),
      ...(isCommand ? [] : schemaBreaks(before.data, after.data, '/data', 'event')),
    ]),
  ];
}

function hurting(hurts: string): (breaks: readonly FieldBreak[]) => MessageBreak[] {
  return (breaks) => breaks.map((one) => ({ ...one, hurts }));
}
