import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');

/** Who may write the column by which a row's life is told, and of which tables. */
const owners = [
  { column: 'state', tables: ['event_queue'], folders: ['src/database/queue/', 'src/database/attempts/'] },
  { column: 'status', tables: ['audit_entity', 'needs_manual_review'], folders: ['src/database/entities/'] },
] as const;

type Owner = (typeof owners)[number];

/**
 * The statements that write the owner's column: an update or upsert that sets it, an insert that names it, and any of
 * them on a table whose name is only known at run time. Reading it, and leaving it to its default, is everybody's.
 */
function findWrites(text: string, { column, tables }: Owner): string[] {
  const sql = text.replace(/--.*$/gm, '');
  const table = String.raw`(?:artwork_\w+\s*\.\s*(?:${tables.join('|')})|\$\{\w[^}]*\})`;
  const until = String.raw`(?:\bwhere\b|\bfrom\b|\breturning\b|[;\`'])`;
  const setList = new RegExp(String.raw`\bset\b((?:(?!${until})[\s\S]|'[^']*')*)`, 'i');
  const names = new RegExp(String.raw`(?:^|[,(])\s*${column}\s*(?:=|,|\)|$)`, 'im');
  const found: string[] = [];
  for (const match of sql.matchAll(new RegExp(String.raw`\bupdate\s+(?:only\s+)?${table}`, 'gi'))) {
    const list = setList.exec(sql.slice(match.index, match.index + 4000))?.[1] ?? '';
    if (names.test(list)) found.push(match[0]);
  }
  for (const match of sql.matchAll(new RegExp(String.raw`\binsert\s+into\s+${table}[^(]*\(([^)]*)\)`, 'gi'))) {
    const statement = /[^;`]*/.exec(sql.slice(match.index, match.index + 4000))![0];
    const upsert = /\bdo\s+update\b[\s\S]*/i.exec(statement)?.[0] ?? '';
    if (names.test(`(${match[1]!})`) || names.test(setList.exec(upsert)?.[1] ?? '')) found.push(match[0]);
  }
  return found;
}

function filesBelow(folder: string, endings: RegExp): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && endings.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

describe.each(owners)('only $folders writes the $column of $tables', (owner) => {
  const { column, tables, folders } = owner;
  const table = tables[0] === 'event_queue' ? 'artwork_indexer.event_queue' : 'artwork_reconciler.audit_entity';

  test('as the sources and migrations stand', () => {
    const others = [...filesBelow('src', /\.tsx?$/), ...filesBelow('migrations', /\.(sql|js)$/)].filter(
      (file) => !folders.some((folder) => file.startsWith(folder)),
    );
    const found = others.flatMap((file) =>
      findWrites(readFileSync(join(root, file), 'utf8'), owner).map((statement) => `${file}: ${statement}`),
    );
    expect(found).toEqual([]);
  });

  test('and the statements of its own are recognised as such', () => {
    const files = folders.flatMap((folder) => filesBelow(folder, /\.ts$/));
    expect(files.filter((file) => findWrites(readFileSync(join(root, file), 'utf8'), owner).length > 0)).not.toEqual(
      [],
    );
  });

  test.each([
    `update ${table} set ${column} = 'x' where id = 1`,
    `UPDATE ${table} AS q SET attempts = 0,\n  ${column} = $1 WHERE id = 1`,
    `update only ${table} set (attempts, ${column}) = (1, 'x')`,
    `update ${table} set note = 'from here', ${column} = $1`,
    `with found as (select 1) update ${table} q set ${column} = f.x from found f`,
    `insert into ${table} (message, ${column}) values ($1, $2)`,
    `insert into ${table} (gid) values ($1) on conflict (gid) do update set ${column} = 'x'`,
    'update ${name} set ' + `${column} = 'x'`,
  ])('a statement that does is noticed: %s', (statement) => {
    expect(findWrites(statement, owner)).toHaveLength(1);
  });

  test.each([
    `select ${column} from ${table} where ${column} = 'x' for update`,
    `update ${table} set attempts = 0 where ${column} = 'x'`,
    `insert into ${table} (gid) select gid from somewhere where ${column} = 'x'`,
    `update ${table} set due_at = case when a then null end where ${column} = 'x'`,
    `-- update ${table} set ${column} = 'x'`,
    `update musicbrainz.release set ${column} = 1`,
  ])('a statement that does not is let pass: %s', (statement) => {
    expect(findWrites(statement, owner)).toEqual([]);
  });
});

/** What is said otherwise: a word of each has been met elsewhere. */
const words: readonly (readonly [instead: RegExp, say: string])[] = [
  [/\banew\b/i, 'again'],
  [/\bso many\b/i, 'a limited number of, that many'],
  [/\bhow often\b/i, 'interval, number of'],
  [/\b(?:is|was) told\b|\btold by\b/i, 'receives, is called for, is reported'],
  [/\bin hand\b/i, 'claimed, in progress'],
  [/\bgiven back\b/i, 'released'],
  [/\b(?:goes|go|gone|going) on (?!the\b|this\b)/i, 'continues'],
  [/\bis not before\b/i, 'is not due until'],
  [/\bsaid so\b/i, 'reported'],
  [/\btwice is once\b/i, 'idempotent'],
  [/\bby (?:itself|themselves)\b/i, 'automatically, alone'],
  [/\bcommonest\b/i, 'most common'],
];

test('words are those that a reader has met elsewhere', () => {
  const pages = readdirSync(root).filter((name) => name.endsWith('.md') && name !== 'CHANGELOG.md');
  const files = [
    ...filesBelow('src', /\.tsx?$/),
    ...filesBelow('docs', /\.md$/),
    ...filesBelow('assets', /\.(?:css|js)$/),
    ...pages,
    'config.default.ini',
  ];
  const found = files.flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .flatMap((line, n) =>
        words
          .filter(([instead]) => instead.test(line))
          .map(([, say]) => `${file}:${n + 1} (say: ${say}): ${line.trim()}`),
      ),
  );
  expect(found).toEqual([]);
});

test('no file of src/ has more than 300 lines', () => {
  const long = filesBelow('src', /\.tsx?$/).filter((file) => lineCount(readFileSync(join(root, file), 'utf8')) > 300);
  expect(long).toEqual([]);
});

describe('the structure of src/', async () => {
  const { structure } = (await import(join(root, 'scripts/measure-structure.js'))) as {
    structure: { files: number; withOneNeighbour: string[]; circles: string[] };
  };

  test('what is side by side in a folder imports each other in one direction, folders and files', () => {
    expect(structure.circles).toEqual([]);
  });

  // A reader has to find the file: one more takes a reason, or one that goes (`node scripts/measure-structure.js`).
  test('there are no more than 450 files, and no more than 50 that only one neighbour imports', () => {
    expect(structure.files).toBeLessThanOrEqual(450);
    expect(structure.withOneNeighbour.length, structure.withOneNeighbour.join('\n')).toBeLessThanOrEqual(50);
  });
});

function lineCount(text: string): number {
  return text.split('\n').length - 1;
}

/** `export` writes files for programs, to the letter; the simulator's own log is for nobody else. */
const writers = ['src/commands/export.ts', 'src/terminal/terminal.ts'];

test('what people read in a terminal goes through src/terminal/terminal.ts, which shows what a terminal would obey', () => {
  const found = filesBelow('src', /\.tsx?$/).filter((file) =>
    /\bstd(out|err)\s*\.write\(|\bconsole\.|\bstream\.write\(/.test(readFileSync(join(root, file), 'utf8')),
  );
  expect(found.sort()).toEqual(writers);
});

const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');

test('whatever starts a workflow says how long a run of it may last at most', () => {
  const texts = filesBelow('src', /\.ts$/).map(textOf);
  const count = (text: string, what: RegExp): number => [...text.matchAll(what)].length;
  const starts = (text: string): number => count(text, /workflow\s*\.start<|type: 'startWorkflow'/g);
  expect(texts.map(starts).reduce((sum, more) => sum + more, 0)).toBe(7);
  expect(texts.filter((text) => starts(text) > count(text, /workflowRunTimeout: /g))).toEqual([]);
});

test('every step of a workflow goes by the one table, which says what becomes of it when the workflow is cancelled', () => {
  const table = 'src/workflows/step-options.ts';
  const others = filesBelow('src/workflows', /\.ts$/).filter((file) => file !== table);
  const proxies = others.flatMap((file) => [...textOf(file).matchAll(/\bproxy(?:Local)?Activities<[^(]*\(([^)]*)/g)]);
  expect(proxies.length).toBeGreaterThan(5);
  expect(
    proxies.map(([, options]) => options!).filter((options) => !/stepOptions\.|\.\.\.options/.test(options)),
  ).toEqual([]);
  const entries = [...textOf(table).matchAll(/startToCloseTimeout: /g)];
  expect([...textOf(table).matchAll(/^ +cancellationType[,:]/gm)]).toHaveLength(entries.length);
});

test('ARCHITECTURE.md has the table of who may import what (`node scripts/write-docs.js` writes it)', async () => {
  const { withLayersTable } = (await import(join(root, 'scripts/layers.js'))) as {
    withLayersTable: (page: string) => string;
  };
  const page = textOf('ARCHITECTURE.md');
  expect(page).toContain('| `domain` | The pure core');
  expect(withLayersTable(page)).toBe(page);
});

describe('an entity type and its archive are spelled out in src/domain/entity.ts alone', async () => {
  const { findEntityLiterals, otherMeanings } = (await import(join(root, 'scripts/entity-literals.js'))) as {
    findEntityLiterals: (file: string, text: string, others?: object) => { line: number; word: string }[];
    otherMeanings: Record<string, { words: readonly string[]; are: string }>;
  };

  test('as the sources stand', () => {
    const found = filesBelow('src', /\.tsx?$/).flatMap((file) =>
      findEntityLiterals(file, textOf(file)).map(({ line, word }) => `${file}:${line}: ${word}`),
    );
    expect(found).toEqual([]);
  });

  test.each(Object.entries(otherMeanings))(
    '%s has the words that it may have with another meaning',
    (file, { words }) => {
      const found = new Set(findEntityLiterals(file, textOf(file), {}).map(({ word }) => word));
      expect([...found].sort()).toEqual([...words].sort());
    },
  );

  test.each([
    "const type = 'release';",
    'const type = `event`;',
    "type Name = 'caa' | null;",
    "const sql = `select case when type = ${type} then 'eaa' end`;",
    "const sql = `where entity_type in ('release') and id = ${id}`;",
  ])('one that is spelled out is noticed: %s', (text) => {
    expect(findEntityLiterals('src/any.ts', text)).toHaveLength(1);
  });

  test.each([
    "const words = 'a release';",
    'const table = { release: 1, event: 2 };',
    "const sql = `where after->'event' = $1 or after->>'release' = $2`;",
  ])('what is none is let pass: %s', (text) => {
    expect(findEntityLiterals('src/any.ts', text)).toEqual([]);
  });
});
