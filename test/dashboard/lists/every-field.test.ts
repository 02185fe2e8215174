import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { bulkRowList } from '../../../src/database/bulk-actions/list-bulk-rows.ts';
import { entityList } from '../../../src/database/entities/list-entities.ts';
import { findingList } from '../../../src/database/entities/list-findings.ts';
import { askedFields, type FieldTable, type FilterOf } from '../../../src/database/lists/fields.ts';
import type { List } from '../../../src/database/lists/list.ts';
import { operatorActionList } from '../../../src/database/bulk-actions/operator-actions.ts';
import { eventList } from '../../../src/database/queue/list-events.ts';
import { reviewList } from '../../../src/database/reviews/list-reviews.ts';
import { filterOf } from '../../../src/dashboard/forms/parameters.ts';
import { findCheck } from '../../../src/domain/checks/catalogue.ts';
import { rowInJson } from '../../../src/export/csv.ts';
import { filterInWords } from '../../../src/wording/lists.ts';
import { parseLines, runCommand } from '../../commands/run-command.ts';
import { dashboardParts, type Visitor, visitorOf } from '../../support/dashboard.ts';
import { createTestDatabase } from '../../support/database.ts';
import { wholeList } from '../../support/lists.ts';
import {
  actionId,
  A,
  entityActionId,
  fillLists,
  group,
  handedOverGid,
  kind,
  repairedGid,
  reviewActionId,
} from './filled-lists.ts';

/** A row as JSON has it. */
type Line = Readonly<Record<string, unknown>>;

/** What is chosen by a field, and which rows that are, as the row itself tells. */
interface Example {
  readonly value: string | readonly string[];
  readonly matches: (line: Line) => boolean;
}

interface ListCase {
  readonly list: List<never, FieldTable>;
  /** Where its page is, and its files with an ending; null where it has none. */
  readonly page: string | null;
  readonly files: string;
  /** The command that lists it. */
  readonly command: readonly string[] | null;
  readonly examples: Readonly<Record<string, Example>>;
  /** What is left out unless one of these fields says otherwise. */
  readonly otherwise?: readonly [parameter: string, matches: (line: Line) => boolean];
  /** What other parts of the program choose by, that the address itself says. */
  readonly inner?: object;
}

const hour = 3_600_000;
const is = (column: string, value: unknown) => ({
  value: String(value),
  matches: (line: Line) => line[column] === value,
});
const older = (column: string) => ({
  value: '2h',
  matches: (line: Line) => line[column] !== null && Date.parse(line[column] as string) < Date.now() - 2 * hour,
});
const newer = (column: string) => ({
  value: '2h',
  matches: (line: Line) => line[column] !== null && Date.parse(line[column] as string) >= Date.now() - 2 * hour,
});
const audienceOf = (check: unknown) => findCheck(String(check))?.audience;
const audience = {
  value: 'operators',
  matches: (line: Line) => (line['checks'] as string[]).some((check) => audienceOf(check) === 'operators'),
};
const has = (column: string, value: string) => ({
  value,
  matches: (line: Line) => (line[column] as string[]).includes(value),
});
const tick = (matches: (line: Line) => boolean) => ({ value: '1', matches });
const someOf = (column: string, ...values: string[]) => ({
  value: values,
  matches: (line: Line) => values.includes(String(line[column])),
});
const mbid = { value: `https://musicbrainz.org/release/${A}`, matches: (line: Line) => line['mbid'] === A };
const unchecked = (line: Line) => line['status'] === 'unchecked';
const said = (column: string, text: string) => ({
  value: text.toUpperCase(),
  matches: (line: Line) => JSON.stringify(line[column]).toLowerCase().includes(text),
});

/** Every list, with an example of every field: one that has none makes a test fail. */
const cases: readonly ListCase[] = [
  {
    list: eventList,
    page: '/events',
    files: '/events',
    command: ['events', 'list'],
    otherwise: ['dismissed', (line) => line['dismissed'] === false],
    examples: {
      state: someOf('state', 'failed', 'queued'),
      entity_type: is('entity_type', 'event'),
      action: is('action', 'delete_image'),
      reason: said('last_reason', 'slowdown'),
      alike: { value: kind, matches: (line) => String(line['last_reason']).startsWith('HTTP 503') },
      mbid: { value: A, matches: (line) => JSON.stringify(line['message']).includes(A) },
      bulk: { value: actionId, matches: (line) => line['id'] === 1 },
      origin: is('origin', 'audit'),
      check: { value: 'item.dark', matches: (line) => line['id'] === 10 },
      older: older('created_at'),
      newer: newer('created_at'),
      dismissed: { value: 'only', matches: (line) => line['dismissed'] === true },
    },
  },
  {
    list: entityList,
    page: '/entities',
    files: '/entities',
    command: ['entities', 'list'],
    examples: {
      status: is('status', 'manual_review'),
      entity_type: is('entity_type', 'event'),
      mbid,
      priority: { value: '200', matches: (line) => line['priority'] === 200 },
      check: has('checks', 'item.dark'),
      audience,
      bulk: { value: entityActionId, matches: (line) => line['id'] === 1 },
      decision: { value: 'repair_queue', matches: (line) => line['mbid'] === repairedGid },
      judged_before: { value: '0.0.9', matches: (line) => line['mbid'] === repairedGid },
      due: { value: 'later', matches: (line) => unchecked(line) && line['due_at'] !== null },
      cause: { value: 'settling', matches: (line) => unchecked(line) && line['due_cause'] === 'settling' },
      older: older('last_audit_at'),
      newer: newer('last_audit_at'),
      never: tick((line) => line['last_audit_at'] === null),
    },
  },
  {
    list: reviewList,
    page: '/reviews',
    files: '/reviews',
    command: ['reviews', 'list'],
    otherwise: ['handed_over', (line) => line['handed_over_to'] === null],
    examples: {
      status: is('status', 'resolved'),
      entity_type: is('entity_type', 'event'),
      mbid,
      priority: { value: '200', matches: (line) => line['priority'] === 200 },
      check: has('checks', 'item.dark'),
      audience: has('audiences', 'operators'),
      reason: said('reasons', 'thumb.jpg'),
      group: { value: group, matches: (line) => line['group'] === group },
      bulk: { value: reviewActionId, matches: (line) => line['id'] === 2 },
      older: older('created_at'),
      newer: newer('created_at'),
      handed_over: { value: 'only', matches: (line) => line['handed_over_to'] !== null },
      regressed: tick((line) => line['regressed'] === true),
    },
  },
  {
    list: operatorActionList,
    page: '/record',
    files: '/record',
    command: null,
    examples: {
      actor: is('actor', 'ida'),
      action: is('action', 'set pace'),
      target: said('target', 'review'),
      newer: newer('at'),
    },
  },
  {
    list: bulkRowList,
    page: null,
    files: `/bulk/${actionId}/rows`,
    command: null,
    inner: { bulkAction: actionId },
    examples: { dry_run: is('dry_run', 'refused'), outcome: is('outcome', 'done') },
  },
  {
    list: findingList,
    page: null,
    files: '/findings',
    command: ['export', '--format', 'json'],
    examples: {
      check: {
        value: ['item.dark', 'index.value'],
        matches: (line) => ['item.dark', 'index.value'].some((check) => (line['all'] as string[]).includes(check)),
      },
      audience: {
        value: 'operators',
        matches: (line) => (line['all'] as string[]).some((check) => audienceOf(check) === 'operators'),
      },
      decision: someOf('decision', 'clean', 'manual_review'),
      status: someOf('status', 'clean', 'unchecked'),
      entity_type: is('entity_type', 'event'),
      mbid,
      priority: { value: '200', matches: (line) => line['priority'] === 200 },
      since: newer('decided_at'),
      not_handed_over: tick((line) => line['mbid'] !== handedOverGid),
    },
  },
];

const database = await createTestDatabase();
let visitor: Visitor;
beforeAll(async () => {
  await fillLists(database.db);
  // A page looks at fewer rows than there are.
  visitor = visitorOf(dashboardParts({ ...database, settings: { DASHBOARD_ROWS: '100', DASHBOARD_SCAN_ROWS: '500' } }));
});

const keyOf = (line: Line): string => String(line['id'] ?? line['mbid']);

/** All rows, whatever the list chooses of itself. */
async function everything({ list, inner }: ListCase): Promise<Line[]> {
  const all = list === eventList ? { dismissed: 'shown' } : list === reviewList ? { handedOver: 'shown' } : {};
  const rows = await wholeList(database.db, list, { ...inner, ...all });
  return rows.map((row) => {
    const line = JSON.parse(JSON.stringify(rowInJson(list.columns, row))) as Line;
    // Files of findings have only those that are asked for.
    return { ...line, all: line['checks'] };
  });
}

/** Which of the rows a choice leaves, by the examples. */
function chosen({ examples, otherwise }: ListCase, lines: readonly Line[], parameters: readonly string[]): string[] {
  return lines
    .filter((line) => parameters.every((parameter) => examples[parameter]!.matches(line)))
    .filter((line) => otherwise === undefined || parameters.includes(otherwise[0]) || otherwise[1](line))
    .map(keyOf)
    .sort();
}

/** What addresses and shells have to say beside, so that a list chooses nothing of itself. */
function widened({ list }: ListCase, parameters: readonly string[]): readonly string[] {
  return askedFields(list.fields).flatMap(([key, { parameter }]) =>
    Object.hasOwn(list.standard, key) && !parameters.includes(parameter) ? [parameter] : [],
  );
}

describe.each(cases)('the list $list.name', (listCase) => {
  const { list, page, files, command, examples } = listCase;
  const fields = askedFields(list.fields);

  test('has an example here of every field', () => {
    expect(Object.keys(examples).sort()).toEqual(fields.map(([, { parameter }]) => parameter).sort());
  });

  test.each(fields)('is chosen by %s alike in its page, its files and the shell', async (_key, field) => {
    const { parameter, kind: taken, label, isFollowed } = field;
    const { value } = examples[parameter]!;
    const lines = await everything(listCase);
    const expected = chosen(listCase, lines, [parameter]);
    expect(expected.length).toBeGreaterThan(0);
    expect(expected.length).toBeLessThan(lines.length);

    const others = widened(listCase, [parameter]);
    const query = new URLSearchParams([
      ...[value].flat().map((each): [string, string] => [parameter, each]),
      ...others.map((other): [string, string] => [other, 'any']),
    ]).toString();
    const json = await visitor.get(`${files}.json?${query}`);
    expect([query, json.status]).toEqual([query, 200]);
    const fromJson = parseLines<Line>({ stdout: json.body, stderr: '', code: 0, signal: null });
    expect(fromJson.map(keyOf).sort()).toEqual(expected);

    const [head, ...cells] = (await visitor.get(`${files}.csv?${query}`)).body.trim().split('\n');
    expect(head!.split(',')).toEqual(Object.keys(fromJson[0]!));
    expect(cells).toHaveLength(expected.length);

    if (page !== null) {
      const { body } = await visitor.get(`${page}?${query}`);
      expect(body.match(/<tr data-row=/g)).toHaveLength(expected.length);
      expect(body).toContain(`name="${parameter}"`);
      if (parameter !== 'state') expect(body).toContain(label);
      if (isFollowed) expect((await visitor.get(page)).body).not.toContain(`name="${parameter}"`);
    }
    if (command !== null) {
      const option = `--${field.flag ?? parameter.replaceAll('_', '-')}`;
      const given = taken.type === 'yes' ? [option] : [option, ...[value].flat()];
      const wide = others.flatMap((other) => [`--${other}`, 'any']);
      const form = command[0] === 'export' ? [] : ['--json', '--limit', '1000'];
      const outcome = await runCommand([...command, ...form, ...wide, ...given], { DATABASE_URL: database.url });
      expect(outcome).toMatchObject({ code: 0 });
      const printed = parseLines<Line>(outcome);
      expect(printed.map(keyOf).sort()).toEqual(expected);
      expect(Object.keys(printed[0]!)).toEqual(Object.keys(fromJson[0]!));
    }
    const filter = filterOf(list, new Map([[parameter, [value].flat()]]));
    expect(filterInWords(list, filter)).not.toBe(filterInWords(list, list.standard));
  });

  test('is chosen by any fields together, by pages of any size', async () => {
    const lines = await everything(listCase);
    await fc.assert(
      fc.asyncProperty(fc.subarray(Object.keys(examples)), fc.integer({ min: 1, max: 9 }), async (parameters, size) => {
        fc.pre(!contradictory(parameters));
        const texts: [string, readonly string[]][] = [
          ...parameters.map((parameter): [string, string[]] => [parameter, [examples[parameter]!.value].flat()]),
          ...widened(listCase, parameters).map((other): [string, string[]] => [other, ['any']]),
        ];
        const filter = { ...filterOf(list, new Map(texts)), ...listCase.inner };
        const rows = await wholeList(database.db, list, filter as FilterOf<FieldTable>, size);
        const found = rows.map((row) => keyOf(rowInJson(list.columns, row)));
        expect(found.sort()).toEqual(chosen(listCase, lines, parameters));
      }),
      { numRuns: 40 },
    );
  });
});

/** An address of a release, and the other type beside it, are refused. */
const contradictory = (parameters: readonly string[]) =>
  parameters.includes('mbid') && parameters.includes('entity_type');
