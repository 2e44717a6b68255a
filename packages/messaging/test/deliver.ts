import { ROOT_CONTEXT, trace, TraceFlags, type Span } from '@opentelemetry/api';
import { newJti, type DataOf, type MessageDefinition } from '@tallystick/contracts';
import { transaction, type Pool, type Transaction } from '@tallystick/postgres';
import type { OpenedMessage } from '@tallystick/security';
import * as z from 'zod';

import { IncomingRecord } from '../src/publish/record.ts';
import { deduplicate } from '../src/consume/inbox.ts';
import { checkReleasedContract } from './released-contract.ts';
import type { IncomingMessage, Send, SendOptions, Subscription } from '../src/index.ts';

/** A message that a handler sent, as its reader receives it. */
export interface SentMessage {
  type: string;
  data: Record<string, unknown>;
  /** The `jti` of the message that it answers. */
  cause: string | undefined;
}

/** The effects of delivered messages. */
export interface Delivered {
  sent: SentMessage[];
  /** Refusal codes by the `jti` of the refused message. */
  refused: Map<string, string>;
}

/** Returns a message as a consumer gets it after the checks of its envelope. */
export function received<Definition extends MessageDefinition>(
  definition: Definition,
  data: DataOf<Definition>,
  claims: Partial<OpenedMessage['claims']> = {},
): OpenedMessage {
  const nowS = Math.floor(Date.now() / 1_000);
  const payload = asRead(definition, data);
  const sub = String(payload[definition.key]);
  return {
    definition,
    data: payload,
    claims: {
      iss: 'payment',
      aud: definition.topic,
      sub,
      jti: newJti(),
      iat: nowS,
      type: definition.type,
      version: definition.version,
      txn: newJti(),
      data: payload,
      ...claims,
    },
    kid: '',
    rememberUntilS: nowS + 600,
    jws: '',
  };
}

/** Records sent messages as they would be read: a payload that a reader of this or of the last release refuses is an error. */
export function noteSent(sent: SentMessage[]): Send {
  return (definition, data, { cause }: SendOptions = {}) => {
    checkReleasedContract(definition, data);
    sent.push({ type: definition.type, data: asRead(definition, data), cause });
  };
}

/**
 * Runs a subscription on messages like the consumer: prepared before the transaction, stored in the inbox within it.
 * Messages that are delivered a second time are in the inbox already.
 * @param options.expired whether the messages have expired
 */
export async function deliver(
  pool: Pool,
  subscription: Subscription,
  messages: readonly OpenedMessage[],
  { expired = false } = {},
): Promise<Delivered> {
  const refused: Delivered['refused'] = new Map();
  const incoming = messages.map((opened): IncomingMessage => ({
    opened,
    record: new IncomingRecord(opened.claims.aud, 0, { offset: '0', key: null, value: null } as never),
    span: refusalSpan((code) => refused.set(opened.claims.jti, code)),
    spanContext: ROOT_CONTEXT,
  }));
  const prepared = expired ? undefined : await subscription.prepare?.(incoming);
  const carryOut = async (tx: Transaction): Promise<SentMessage[]> => {
    const sent: SentMessage[] = [];
    const send = noteSent(sent);
    if (expired) await subscription.onExpired?.(incoming, tx, send);
    else
      await subscription.handle(
        { messages: incoming, prepared, firstSeen: deduplicate(tx, incoming) },
        tx,
        send,
      );
    return sent;
  };
  return { sent: await transaction(pool, carryOut), refused };
}

/** Returns the payload after writing and reading it. */
function asRead(definition: MessageDefinition, data: unknown): Record<string, unknown> {
  const written = JSON.parse(JSON.stringify(z.encode(definition.data, data as never))) as never;
  return z.decode(definition.data, written) as Record<string, unknown>;
}

/** Creates a span that reports why its message was refused. */
function refusalSpan(onRefused: (code: string) => void): Span {
  const span = trace.wrapSpanContext({
    traceId: '0'.repeat(32),
    spanId: '0'.repeat(16),
    traceFlags: TraceFlags.NONE,
  });
  const note = (name: string, value: unknown): Span => {
    if (name === 'error.type') onRefused(String(value));
    return span;
  };
  return Object.assign(Object.create(span) as Span, { setAttribute: note, isRecording: () => true });
}
