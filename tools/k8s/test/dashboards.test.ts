import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { dashboardFiles, dashboards } from '../src/dashboards/dashboards.ts';
import { objectiveRules } from '../src/objectives/rule-files.ts';
import { KUBERNETES } from '../src/render.ts';

const INFRA = join(KUBERNETES, '..');
const read = (path: string): string => readFileSync(join(INFRA, path), 'utf8');
const panels = dashboards.flatMap(({ uid, panels: of }) => of.map((panel) => ({ uid, ...panel })));

/** Names of series in an expression: it is read without texts, selectors, labels and functions. */
function seriesIn(expr: string): string[] {
  const plain = expr
    .replaceAll(/"[^"]*"/g, '')
    .replaceAll(/\{[^}]*\}|\[[^\]]*\]/g, '')
    .replaceAll(/\b(by|on) \([^)]*\)/g, '');
  return [...plain.matchAll(/[a-z_][a-z_:0-9]*(?![a-z_:0-9]*\s*\()/g)].map(([name]) => name);
}

/** The series of the services, as the table of infra/README.md has them, and those that the rules record. */
const known = new Set([
  ...[...read('README.md').matchAll(/`((?:tallystick|http|messaging)_[a-z_]+)`/g)].flatMap(([, name]) =>
    ['', '_bucket', '_count', '_sum'].map((part) => name + part),
  ),
  ...objectiveRules().flatMap(({ rules }) => rules.flatMap((rule) => ('record' in rule ? rule.record : []))),
]);

describe('a dashboard', () => {
  test.each(panels.map((panel) => [`${panel.uid}: ${panel.title}`, panel] as const))(
    'shows series that exist: %s',
    (_name, { queries }) => {
      const names = queries.flatMap(({ expr }) => seriesIn(expr));
      expect(names).not.toEqual([]);
      for (const name of names) expect([...known]).toContain(name);
    },
  );

  test.each(Object.entries(dashboardFiles()))('%s has its panels side by side', (_name, text) => {
    const { panels: placed } = JSON.parse(text) as { panels: { gridPos: Record<'x' | 'y' | 'w', number> }[] };
    const taken = new Set<string>();
    for (const { x, y, w } of placed.map(({ gridPos }) => gridPos))
      for (let column = x; column < x + w; column += 1) {
        expect(column).toBeLessThan(24);
        expect(taken).not.toContain(`${column}/${y}`);
        taken.add(`${column}/${y}`);
      }
  });

  test('is loaded by Compose and by the component alerts', () => {
    expect(parse(read('docker/compose.yaml'), { merge: true })).toMatchObject({
      services: {
        grafana: {
          volumes: expect.arrayContaining(['../observability/dashboards:/var/lib/grafana/dashboards:ro']),
        },
      },
    });
    expect(parse(read('kubernetes/components/alerts/kustomization.yaml'))).toMatchObject({
      configMapGenerator: [
        {
          files: Object.keys(dashboardFiles()).map((name) => `generated/dashboards/${name}`),
          options: { labels: { grafana_dashboard: '1' } },
        },
      ],
    });
  });
});
