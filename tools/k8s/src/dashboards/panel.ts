/** A series of a panel: an expression in PromQL, and its name with labels in braces. */
export interface Query {
  expr: string;
  legend: string;
}

/** A panel, before it has its place. */
export interface Panel {
  title: string;
  /** A sentence behind the panel's sign of information. */
  description?: string;
  /** `timeseries`: lines over time. `stat`: the present value, large. `table`: present values, a row each. */
  type: 'timeseries' | 'stat' | 'table';
  /** A unit of Grafana: `reqps`, `s`, `percentunit`, `short`. */
  unit: string;
  queries: readonly Query[];
  /** Present values from which on the panel is yellow and red. */
  thresholds?: { yellow?: number; red: number };
  /** Columns of 24; half of the page if absent. */
  width?: number;
}

/** A dashboard, as `dashboardOf` builds it. */
export interface Dashboard {
  /** The end of its address, and the name of its file. */
  uid: string;
  title: string;
  panels: readonly Panel[];
  /** Choices above the panels: the values of a label. */
  variables?: readonly { name: string; label: string; metric: string }[];
}

const PROMETHEUS = { type: 'prometheus', uid: 'prometheus' };
const COLUMNS = 24;
const HEIGHT = 8;
const LETTERS = 'ABCDEFGH';

/** Builds a dashboard in the JSON that Grafana loads. */
export function dashboardOf({ uid, title, panels, variables = [] }: Dashboard): object {
  let [x, y] = [0, 0];
  const placed = panels.map((panel, at) => {
    const w = panel.width ?? COLUMNS / 2;
    if (x + w > COLUMNS) [x, y] = [0, y + HEIGHT];
    const gridPos = { h: HEIGHT, w, x, y };
    x += w;
    return { id: at + 1, gridPos, ...panelOf(panel) };
  });
  return {
    uid: `tallystick-${uid}`,
    title: `Tallystick: ${title}`,
    tags: ['tallystick'],
    schemaVersion: 41,
    refresh: '10s',
    time: { from: 'now-1h', to: 'now' },
    links: [
      { type: 'dashboards', tags: ['tallystick'], title: 'Tallystick', asDropdown: true, keepTime: true },
    ],
    templating: { list: variables.map(variableOf) },
    panels: placed,
  };
}

function variableOf({ name, label, metric }: NonNullable<Dashboard['variables']>[number]): object {
  const definition = `label_values(${metric}, ${name})`;
  return {
    type: 'query',
    name,
    label,
    datasource: PROMETHEUS,
    definition,
    query: { query: definition, refId: 'A' },
    refresh: 2,
    sort: 1,
  };
}

function panelOf({ title, description, type, unit, queries, thresholds }: Panel): object {
  const isPresent = type !== 'timeseries';
  return {
    type,
    title,
    ...(description === undefined ? {} : { description }),
    datasource: PROMETHEUS,
    fieldConfig: {
      defaults: {
        unit,
        ...(thresholds === undefined
          ? {}
          : { color: { mode: 'thresholds' }, thresholds: { mode: 'absolute', steps: stepsOf(thresholds) } }),
      },
      overrides: [],
    },
    ...(type === 'table' ? { transformations: [{ id: 'merge', options: {} }] } : {}),
    targets: queries.map(({ expr, legend }, at) => ({
      refId: LETTERS[at],
      datasource: PROMETHEUS,
      expr,
      legendFormat: legend,
      ...(isPresent ? { instant: true, range: false } : {}),
      ...(type === 'table' ? { format: 'table' } : {}),
    })),
  };
}

function stepsOf({ yellow, red }: NonNullable<Panel['thresholds']>): object[] {
  return [
    { color: 'green', value: null },
    ...(yellow === undefined ? [] : [{ color: 'yellow', value: yellow }]),
    { color: 'red', value: red },
  ];
}
