import type { MessageReport } from './fuzz-messages.ts';

/** Faults that are shown; the same seed shows the others. */
const FAULTS_SHOWN = 20;

/** Formats what became of the messages. */
export function textOf({ sent, valid, quarantined, answers, faults }: MessageReport): string {
  const lines = [
    `${sent} messages, of which ${valid} are valid`,
    ...table('quarantined for', quarantined),
    ...table('answered with', answers),
    ...(faults.length === 0
      ? ['Every message ended as its schema says.']
      : [`${faults.length} faults:`, ...faults.slice(0, FAULTS_SHOWN).map((fault) => `  ${fault}`)]),
  ];
  return `${lines.join('\n')}\n`;
}

function table(title: string, counts: Record<string, number>): string[] {
  const rows = Object.entries(counts);
  const width = Math.max(0, ...rows.map(([, count]) => String(count).length));
  return rows.length === 0
    ? []
    : [title, ...rows.map(([name, count]) => `  ${String(count).padStart(width)}  ${name}`)];
}
