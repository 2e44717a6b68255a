import { OUTCOMES, type MessageDefinition } from '@tallystick/contracts';
import { format } from 'prettier';
import { pythonLiteral, typescriptLiteral } from './literals.ts';

/** The same message in each language. */
export interface MessageExamples {
  typescript: string;
  python: string;
}

/**
 * Makes an example of a message that third parties send or read; `undefined` for the messages between services.
 * @param name the name of the message in code
 * @param payload its payload in the wire form
 */
export async function messageExamples(
  name: string,
  message: MessageDefinition,
  payload: unknown,
): Promise<MessageExamples | undefined> {
  if (message.from.includes('client')) {
    return {
      typescript: await publishing(name, message, payload),
      python: publishingInPython(message, payload),
    };
  }
  if (message.topic === OUTCOMES)
    return { typescript: await reading(name, message, payload), python: readingInPython(message, payload) };
  return undefined;
}

const formatted = (code: string): Promise<string> =>
  format(code, { parser: 'typescript', singleQuote: true, printWidth: 90 });

/** Returns the record key of an example. */
function keyOf({ key }: MessageDefinition, payload: unknown): string {
  return String((payload as Record<string, unknown>)[key]);
}

/** All fields of the payload: the type of a payload has those with a default too. */
function publishing(name: string, { data }: MessageDefinition, payload: unknown): Promise<string> {
  const decoded = data.decode(payload as never);
  const whole = data.encode(decoded as never);
  return formatted(`import { messages, type Producer } from '@tallystick/producer';

declare const producer: Producer;
const { key, jti } = await producer.publish(messages.${name}, ${typescriptLiteral(whole, decoded)});
console.log(key, jti);`);
}

function reading(name: string, message: MessageDefinition, payload: unknown): Promise<string> {
  return formatted(`import { messages, type Producer } from '@tallystick/producer';

declare const producer: Producer;
const event = await producer.outcome('${keyOf(message, payload)}', [messages.${name}], 10_000);
console.log(event.claims.type, event.data);`);
}

function publishingInPython(message: MessageDefinition, payload: unknown): string {
  const { topic, type, version, classification } = message;
  return `from tallystick.producer import Producer


def example(producer: Producer) -> None:
    producer.publish(
        "${topic}",
        "${type}",
        ${version},
        "${keyOf(message, payload)}",
        ${pythonLiteral(payload, 2)},${classification === 'confidential' ? '\n        confidential=True,' : ''}
    )
`;
}

function readingInPython(message: MessageDefinition, payload: unknown): string {
  return `from tallystick.producer import Producer


def example(producer: Producer) -> None:
    outcome = producer.outcome("${keyOf(message, payload)}", timeout_s=10)
    if outcome is not None and outcome.claims["type"] == "${message.type}":
        print(outcome.claims["data"])
`;
}
