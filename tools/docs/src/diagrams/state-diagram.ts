import { instance } from '@viz-js/viz';

/** An arrow between two states. The state before the first one has no name. */
export interface Arrow {
  from: string | undefined;
  to: string;
  label: string;
}

const ARROW = /^\s*(\[\*\]|\w+) --> (\w+): (.+)$/;

/** Reads the arrows of a state diagram of Mermaid. @throws Error if a line is something else */
export function arrowsOf(mermaid: string): Arrow[] {
  const [head, ...lines] = mermaid.trim().split('\n');
  if (head !== 'stateDiagram-v2') throw new Error(`only state diagrams are drawn, not ${head}`);
  return lines.map((line) => {
    const [, from, to, label] = ARROW.exec(line) ?? [];
    if (from === undefined) throw new Error(`this is no arrow of a state diagram: ${line}`);
    return { from: from === '[*]' ? undefined : from, to: to!, label: label! };
  });
}

/**
 * Draws a state diagram as SVG in the colour of the text around it.
 * @param title names the diagram for readers who do not see it
 */
export async function stateDiagram(title: string, arrows: readonly Arrow[]): Promise<string> {
  const viz = await instance();
  const svg = viz
    .renderString(dotOf(arrows), { format: 'svg' })
    .replace(/^.*?(?=<svg)/s, '')
    .replaceAll(/<!--.*?-->\n?/gs, '')
    .replaceAll(/<title>.*?<\/title>\n?/gs, '')
    // The colour of the text around it, so that it is seen on dark pages too.
    .replaceAll(/(fill|stroke)="black"/g, '$1="currentColor"')
    .replaceAll('<text ', '<text fill="currentColor" ')
    .replace(/<svg width="(\d+)pt" height="\d+pt"/, (_, width: string) => {
      return `<svg role="img" aria-label="${title}" style="max-width: ${Math.round(Number(width) * 1.2)}px"`;
    });
  return `<figure class="state-diagram" tabindex="0">\n${svg.trim().replaceAll(/\n\n+/g, '\n')}\n</figure>`;
}

function dotOf(arrows: readonly Arrow[]): string {
  const states = new Set(arrows.flatMap(({ from, to }) => (from === undefined ? [to] : [from, to])));
  const line = ({ from, to, label }: Arrow): string =>
    `  ${from ?? 'start'} -> ${to} [label="${label.replaceAll(', ', String.raw`\n`)}"];`;
  return `digraph {
  bgcolor=transparent; rankdir=TB; nodesep=0.5; ranksep=0.6;
  node [shape=box style=rounded fontname="sans-serif" fontsize=13 margin="0.15,0.08"];
  edge [fontname="sans-serif" fontsize=10 arrowsize=0.7];
  ${arrows.some(({ from }) => from === undefined) ? 'start [shape=point width=0.12];' : ''}
${[...states].map((state) => `  ${state};`).join('\n')}
${arrows.map(line).join('\n')}
}`;
}
