/*
 * What Grafana takes as a dashboard, as its own schema says (kinds/dashboard/dashboard_kind.cue in grafana/grafana, and of
 * the kinds of panels and of Prometheus' queries those beside their plugins), as far as ours uses it: nothing else is
 * allowed, so that what is misspelled, or belongs elsewhere, is found. Grafana fills in what has a default there.
 */

const text = { type: 'string', minLength: 1 } as const;
const truth = { type: 'boolean' } as const;
const whole = (minimum: number, maximum: number) => ({ type: 'integer', minimum, maximum }) as const;
const words = (...all: readonly string[]) => ({ enum: all }) as const;
const list = (items: object) => ({ type: 'array', items }) as const;

function object(required: Readonly<Record<string, object>>, optional: Readonly<Record<string, object>> = {}) {
  return {
    type: 'object',
    properties: { ...required, ...optional },
    required: Object.keys(required),
    additionalProperties: false,
  } as const;
}

const datasource = object({ type: { const: 'prometheus' }, uid: text });

const gridPos = object({ h: whole(1, 1000), w: whole(1, 24), x: whole(0, 23), y: whole(0, 100_000) });

/** The first step has no value: it is minus infinity. */
const thresholds = object({
  mode: words('absolute', 'percentage'),
  steps: {
    type: 'array',
    minItems: 1,
    prefixItems: [object({ color: text, value: { type: 'null' } })],
    items: object({ color: text, value: { type: 'number' } }),
  },
});

const fieldConfig = object({
  defaults: object(
    {},
    {
      unit: text,
      decimals: whole(0, 10),
      min: { type: 'number' },
      max: { type: 'number' },
      noValue: text,
      thresholds,
    },
  ),
  overrides: list(
    object({ matcher: object({ id: text }, { options: {} }), properties: list(object({ id: text }, { value: {} })) }),
  ),
});

const target = object(
  { refId: { type: 'string', pattern: '^[A-Z]$' }, datasource, expr: text },
  { legendFormat: { type: 'string' }, instant: truth, range: truth },
);

const panelOf = (type: string, options: object) =>
  object(
    { type: { const: type }, id: whole(1, 2 ** 32 - 1), title: text, datasource, gridPos, options, fieldConfig },
    { description: text, targets: { type: 'array', minItems: 1, items: target } },
  );

const calculations = list(words('lastNotNull', 'last', 'firstNotNull', 'first', 'min', 'max', 'mean', 'sum', 'count'));

const stat = panelOf(
  'stat',
  object(
    { reduceOptions: object({ calcs: calculations }, { values: truth, fields: text }) },
    {
      colorMode: words('value', 'background', 'background_solid', 'none'),
      graphMode: words('none', 'line', 'area'),
      justifyMode: words('auto', 'center'),
      orientation: words('auto', 'vertical', 'horizontal'),
      textMode: words('auto', 'value', 'value_and_name', 'name', 'none'),
    },
  ),
);

const timeseries = panelOf(
  'timeseries',
  object({
    legend: object(
      { displayMode: words('list', 'table', 'hidden'), placement: words('bottom', 'right') },
      { showLegend: truth, calcs: calculations },
    ),
    tooltip: object({ mode: words('single', 'multi', 'none') }, { sort: words('asc', 'desc', 'none') }),
  }),
);

/** Its panels are those that it hides; where it is open they stand beside it. */
const row = object({
  type: { const: 'row' },
  id: whole(1, 2 ** 32 - 1),
  title: text,
  collapsed: { const: false },
  gridPos,
  panels: { type: 'array', maxItems: 0 },
});

const relativeTime = { type: 'string', pattern: '^now(-\\d+[smhdwMy])?$' } as const;

export const grafanaDashboard = object(
  {
    uid: { type: 'string', pattern: '^[a-zA-Z0-9_-]{8,40}$' },
    title: text,
    schemaVersion: whole(36, 2 ** 16 - 1),
    editable: truth,
    graphTooltip: { enum: [0, 1, 2] },
    time: object({ from: relativeTime, to: relativeTime }),
    templating: object({
      list: list(
        object(
          { name: text, type: words('datasource'), query: { const: 'prometheus' }, hide: { enum: [0, 1, 2] } },
          { label: text, current: { type: 'object' } },
        ),
      ),
    }),
    annotations: object({ list: { type: 'array', maxItems: 0 } }),
    panels: list({
      type: 'object',
      required: ['type'],
      properties: { type: words('row', 'stat', 'timeseries') },
      allOf: [
        ['row', row],
        ['stat', stat],
        ['timeseries', timeseries],
      ].map(([type, then]) => ({ if: { properties: { type: { const: type } } }, then })),
    }),
  },
  {
    tags: list(text),
    timezone: text,
    refresh: { type: 'string', pattern: '^\\d+[smhd]$' },
    version: whole(0, 2 ** 32 - 1),
  },
);
