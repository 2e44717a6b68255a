import type { Page } from '../pages/page.ts';
import { arrowsOf, stateDiagram } from './state-diagram.ts';

const MERMAID = /^```mermaid\n(.*?)^```$/gms;

/** Draws the state diagrams of a page. @returns its body with SVG in their places */
export async function drawDiagrams({ title, body }: Pick<Page, 'title' | 'body'>): Promise<string> {
  let drawn = body;
  for (const [block, source] of body.matchAll(MERMAID))
    drawn = drawn.replace(block, await stateDiagram(title, arrowsOf(source!)));
  return drawn;
}
