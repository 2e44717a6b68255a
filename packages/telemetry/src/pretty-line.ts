import { stripVTControlCharacters, styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

const styles: Record<string, Style> = {
  trace: 'gray',
  debug: 'gray',
  info: 'green',
  warn: 'yellow',
  error: 'red',
  fatal: 'red',
};
/** Fields with a fixed place in the line, or of no use to a person at a terminal. */
const PLACED = new Set(['time', 'level', 'service', 'msg', 'err', 'trace_id', 'span_id', 'trace_flags']);

/**
 * Formats a JSON log line for a person: time, level, service, message, other fields, and below them an error's stack.
 * Values from outside can neither move the cursor nor start a new line.
 * @param json a line as the logger writes it
 * @param coloured whether the terminal shows colours
 */
export function prettyLine(json: string, coloured: boolean): string {
  const fields = JSON.parse(json) as Record<string, unknown> & { time: string; level: string; msg?: string };
  const paint = (style: Style, text: string): string =>
    coloured ? styleText(style, text, { validateStream: false }) : text;
  const { time, level, msg = '' } = fields;
  const others = Object.entries(fields)
    .filter(([name]) => !PLACED.has(name))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const error = fields['err'] as { stack?: string; message?: string } | undefined;
  const stack = error === undefined ? [] : (error.stack ?? error.message ?? '').split('\n');
  return [
    [
      paint('gray', time.slice(11, 23)),
      paint(styles[level] ?? 'reset', level.toUpperCase().padEnd(5)),
      String(fields['service']).padEnd(7),
      plain(msg),
      ...(others.length === 0 ? [] : [paint('gray', plain(others.join(' ')))]),
    ].join(' '),
    ...stack.map((line) => paint('gray', `    ${plain(line)}`)),
  ]
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

/** Removes control characters, which a terminal would execute. */
function plain(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/\p{Cc}/gu, ' ');
}
