/** Writes text so that MDX shows it as it is; code between backticks stays code. */
export function escaped(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part, at) => (at % 2 === 0 ? part.replaceAll(/[{}<>*_[\]]/g, (sign) => `\\${sign}`) : part))
    .join('');
}

/** Writes a table. Cells are Markdown; a table without rows is nothing. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Writes a fenced block of code. */
export function fenced(language: string, code: string, meta = ''): string {
  return `\`\`\`${language}${meta === '' ? '' : ` ${meta}`}\n${code.trimEnd()}\n\`\`\``;
}

/** Writes tabs with the same example in several languages; the choice holds for every page. */
export function languageTabs(examples: readonly { label: string; block: string }[]): string {
  const items = examples.map(({ label, block }) => `<TabItem label="${label}">\n\n${block}\n\n</TabItem>`);
  return `<Tabs syncKey="language">\n${items.join('\n')}\n</Tabs>`;
}

/** What a page with tabs imports. */
export const TABS_IMPORT = "import { Tabs, TabItem } from '@astrojs/starlight/components';";

/** Joins the parts of a page, without the empty ones. */
export function paragraphs(...parts: (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join('\n\n');
}
