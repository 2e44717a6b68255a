/** A fenced block of code in a Markdown text. */
export interface CodeBlock {
  /** The word behind the fence; empty if there is none. */
  language: string;
  /** The rest of that line, such as `title="pay.ts"`. */
  meta: string;
  code: string;
  /** The line of the opening fence, from 1. */
  line: number;
  /** Code that a check puts before the block: the text of a comment `<!-- given: … -->` before it. */
  given: string;
}

const FENCE = /^( *)(`{3,})(\S*) *(.*)$/;
const GIVEN = /<!-- given:\n?(.*?)-->/gs;

/** Finds the fenced blocks of a text, in order. */
export function codeBlocksOf(markdown: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  const lines = markdown.split('\n');
  let proseFrom = 0;
  for (let at = 0; at < lines.length; at += 1) {
    const [, indent, fence, language, meta] = FENCE.exec(lines[at]!) ?? [];
    if (fence === undefined) continue;
    const end = lines.findIndex((line, index) => index > at && line.trim() === fence);
    if (end === -1) throw new Error(`the block of code in line ${at + 1} has no end`);
    const prose = lines.slice(proseFrom, at).join('\n');
    blocks.push({
      language: language!,
      meta: meta!,
      code: lines
        .slice(at + 1, end)
        .map((line) => (line.startsWith(indent!) ? line.slice(indent!.length) : line))
        .join('\n')
        .concat('\n'),
      line: at + 1,
      given: [...prose.matchAll(GIVEN)].at(-1)?.[1] ?? '',
    });
    at = end;
    proseFrom = end + 1;
  }
  return blocks;
}

/** Returns the file that a block shows, by its meta `title="…"`; `undefined` if it names none. */
export function fileOf({ meta }: Pick<CodeBlock, 'meta'>): string | undefined {
  return /\btitle="([^"]+)"/.exec(meta)?.[1];
}

/** Changes the parts of a text that are not code: neither fenced nor between backticks. */
export function mapProse(markdown: string, change: (prose: string) => string): string {
  return markdown
    .split(/(^ *```.*?^ *```$|`[^`\n]+`)/gms)
    .map((part, at) => (at % 2 === 0 ? change(part) : part))
    .join('');
}
