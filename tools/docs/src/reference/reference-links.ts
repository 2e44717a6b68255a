import {
  errorCodes,
  messages,
  operations,
  type MessageDefinition,
  type OperationDefinition,
} from '@tallystick/contracts';
import { messageSlug } from './message-page.ts';
import { operationSlug } from './operation-page.ts';

const BLOCK_OR_HEADING = /(^ *```.*?^ *```$|^#+ .*$)/gms;
const NAME = /(?<!\[)`([a-z]+(?:[._][a-z_]+)+)`(?!\])/g;
const ERROR_ROW = /^\| `([a-z0-9_.]+)`/gm;

/** The pages of errors, operations and messages, by name. A name with two meanings has none. */
const pages: ReadonlyMap<string, string> = new Map(
  [
    ...Map.groupBy(
      [
        ...Object.keys(errorCodes).map((code) => [code, `/errors/#${code}`] as const),
        ...Object.values<OperationDefinition>(operations).map(
          (one) => [one.id, `/${operationSlug(one)}/`] as const,
        ),
        ...Object.values<MessageDefinition>(messages).map(
          (one) => [one.type, `/${messageSlug(one)}/`] as const,
        ),
      ],
      ([name]) => name,
    ).values(),
  ]
    .filter((those) => those.length === 1)
    .map(([only]) => only!),
);

/** Links each error, operation and message that the prose of a document names to its page. */
export function withReferenceLinks(markdown: string): string {
  return markdown
    .split(BLOCK_OR_HEADING)
    .map((part, at) =>
      at % 2 === 1
        ? part
        : part.replaceAll(NAME, (code, name: string) => {
            const address = pages.get(name);
            return address === undefined ? code : `[${code}](${address})`;
          }),
    )
    .join('');
}

/** Gives each row of the list of errors a place that links lead to. */
export function withErrorPlaces(markdown: string): string {
  return markdown.replaceAll(ERROR_ROW, (_, code: string) => `| <span id="${code}">\`${code}\`</span>`);
}
