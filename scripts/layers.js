// Who may import what: the one table of it. `npm run check` holds the sources to it (.dependency-cruiser.js), and the table
// in ARCHITECTURE.md is written from it (scripts/write-docs.js).

/**
 * The folders and files right below src/, from the core outwards. `imports` are those that may be used; of `types` only the
 * types may. A file of the same folder may always be imported, `src/version.ts` by everybody but the core.
 *
 * @type {readonly { name: string; what: string; imports: readonly string[]; types?: readonly string[] }[]}
 */
export const layers = [
  {
    name: 'domain',
    what: 'The pure core: facts of entities, expected documents, the catalogue of checks, the decision, the repair plan. Of packages it has the XML parser alone, of Node `crypto`, and `module` to load that parser late. Most tests are here',
    imports: [],
  },
  {
    name: 'audit',
    what: "The order of an audit's steps over a port, and what passes between them: workflow, worker and shell are its adapters",
    imports: ['domain'],
  },
  {
    name: 'temporal',
    what: 'The connection, task queues, kinds of failure, and how workflows are started, queried and signalled',
    imports: ['domain'],
    types: ['audit'],
  },
  {
    name: 'terminal',
    what: 'What people read in a terminal: one place that shows what a terminal would obey',
    imports: [],
  },
  { name: 'config', what: 'The only reader of file and environment. One schema', imports: ['domain', 'terminal'] },
  {
    name: 'lifetime',
    what: 'How things are opened, served, waited for and closed',
    imports: ['config'],
  },
  { name: 'logging', what: 'The log, without secrets', imports: ['terminal'], types: ['config'] },
  {
    name: 'database',
    what: 'SQL by subject, typed rows. `queue` and `attempts` are the only places that write the state of an event, `entities` the only one that writes the status of an entity or a review: a test searches all SQL for others',
    imports: ['domain', 'terminal'],
    types: ['audit', 'config', 'temporal'],
  },
  {
    name: 'clients',
    what: 'HTTP to archive.org and the web service: budgets, limits, redirects, errors',
    imports: ['database', 'domain', 'lifetime'],
    types: ['config'],
  },
  {
    name: 'starters',
    what: 'What starts workflows: schedules, the dispatcher, backfills, imports, scans',
    imports: ['database', 'domain', 'lifetime', 'temporal'],
    types: ['config', 'logging'],
  },
  {
    name: 'activities',
    what: 'Steps worth retrying each; thin: one client or one query, and the core. Made by factories that are given what they need',
    imports: ['audit', 'clients', 'database', 'domain', 'lifetime', 'starters', 'temporal'],
    types: ['config', 'logging'],
  },
  {
    name: 'workflows',
    what: 'The order of the steps and nothing else, one file a workflow: no Node built-ins, no clients, no queries, no clock',
    imports: ['audit', 'domain', 'temporal'],
    types: ['activities'],
  },
  {
    name: 'wording',
    what: 'Ages, moments, paces, messages as people read and write them, the same in commands and pages',
    imports: ['domain'],
    types: ['database', 'starters', 'temporal'],
  },
  {
    name: 'export',
    what: 'How lists are written: CSV, JSON lines, the form of the lists of 2021',
    imports: ['database', 'domain'],
  },
  {
    name: 'monitoring',
    what: 'What machines ask: `/healthz`, `/readyz`, `/metrics`; Sentry',
    imports: ['clients', 'database', 'domain', 'lifetime', 'logging', 'temporal', 'terminal'],
    types: ['activities', 'config'],
  },
  {
    name: 'dashboard',
    what: "The operators' pages, made on the server: a folder a page; who may see and do what (`access/`), forms that change something, lists, what is done to many rows, the frame. Style sheet and script are in `assets/`",
    imports: [
      'clients',
      'config',
      'database',
      'domain',
      'export',
      'lifetime',
      'monitoring',
      'starters',
      'temporal',
      'wording',
    ],
    types: ['audit'],
  },
  {
    name: 'worker.ts',
    what: 'The Temporal worker deployment: queues, limits, shutdown',
    imports: ['activities', 'config', 'database', 'lifetime', 'starters', 'temporal'],
    types: ['clients'],
  },
  {
    name: 'embedded',
    what: "PostgreSQL and Temporal's dev server as child processes, for demo and tests",
    imports: ['temporal'],
  },
  {
    name: 'simulator',
    what: 'archive.org and MusicBrainz with the faults they really have; a fixture, seeds, drift. Part of the product, not a mock',
    imports: ['database', 'domain'],
  },
  {
    name: 'demo',
    what: 'The demo: the product with other settings',
    imports: ['config', 'dashboard', 'database', 'domain', 'embedded', 'simulator', 'starters', 'temporal', 'terminal'],
  },
  {
    name: 'commands',
    what: 'One file a command',
    imports: [
      'activities',
      'clients',
      'config',
      'dashboard',
      'database',
      'demo',
      'domain',
      'export',
      'lifetime',
      'logging',
      'monitoring',
      'simulator',
      'starters',
      'temporal',
      'terminal',
      'wording',
      'worker.ts',
    ],
  },
  { name: 'cli.ts', what: 'The executable', imports: ['commands', 'terminal'] },
];

/** The table as Markdown. */
function layersTable() {
  const code = (/** @type {readonly string[]} */ names) => names.map((name) => `\`${name}\``).join(', ');
  const rows = layers.map(({ name, what, imports, types = [] }) => {
    const may = [
      ...(imports.length > 0 ? [code(imports)] : []),
      ...(types.length > 0 ? [`types of ${code(types)}`] : []),
    ].join('; ');
    return `| \`${name}\` | ${what} | ${may || 'nothing of ours'} |`;
  });
  return ['| in `src/` | what is there | may import |', '| --- | --- | --- |', ...rows].join('\n');
}

/** A page with the table between its two marks as it is now. */
export function withLayersTable(/** @type {string} */ page) {
  return page.replace(/(<!-- layers -->\n)[^]*(<!-- \/layers -->)/, `$1${layersTable()}\n$2`);
}
