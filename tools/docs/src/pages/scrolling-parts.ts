/** Rows of a table, outside of blocks of code. */
const TABLE = /(?:^\|.*\|$\n?)+/gm;
const BLOCK = /(^ *```.*?^ *```$)/gms;
const TEXT_BLOCK = /^```(?:text)?\n(.*?)^```$/ms;

/**
 * Puts tables, and blocks of plain text such as diagrams, into boxes that scroll sideways, also with a keyboard: a phone
 * is narrower than they are.
 */
export function withScrollingParts(markdown: string): string {
  return markdown
    .split(BLOCK)
    .map((part, at) => (at % 2 === 0 ? part.replace(TABLE, boxed) : part.replace(TEXT_BLOCK, plain)))
    .join('');
}

function boxed(table: string): string {
  return `<div class="wide" tabindex="0" role="group" aria-label="Table">\n\n${table.trimEnd()}\n\n</div>\n`;
}

function plain(_block: string, text: string): string {
  const escaped = text.trimEnd().replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<pre class="plain" tabindex="0" role="group" aria-label="Text">${escaped}</pre>`;
}
