import { z } from 'zod';
import { type BulkAction, readBulkAction } from '../../../database/bulk-actions/bulk-action.ts';
import type { BulkKindName } from '../../../database/bulk-actions/kinds.ts';
import type { Queryable } from '../../../database/connection.ts';
import {
  askedFields,
  choicesOf,
  type Choosable,
  type Kind,
  versionPattern,
  versionsLookLike,
} from '../../../database/lists/fields.ts';
import { entityTypes } from '../../../domain/entity.ts';
import type { BulkPage } from '../../bulk/bulk-page.ts';
import { bulkPages } from '../../bulk/kinds.ts';
import {
  beginDryRun,
  beginUndo,
  beginListDryRun,
  confirmDryRun,
  stopWork,
  unknownBulkAction,
} from '../../bulk/work.ts';
import { freeText } from '../../forms/parameters.ts';
import { badAddress } from '../../refusals.ts';
import { agePattern, agesLookLike, parseAge } from '../../../wording/time.ts';
import { type ApiAction, apiAction, momentInJson, rowNumber, rowNumbers } from '../api-action.ts';

const tally = z.strictObject({ done: z.int(), skipped: z.int(), refused: z.int() });

/** A bulk action as answers have it. */
export const bulkActionInJson = {
  id: z.uuid(),
  kind: z.string(),
  state: z.enum(['reading', 'choosing', 'planning', 'planned', 'running', 'done', 'stopped']),
  planned_by: z.string(),
  created_at: momentInJson,
  actor: z.string().nullable().describe('Who confirmed it; null before'),
  note: z.string().nullable(),
  confirmed_at: momentInJson.nullable(),
  ended_at: momentInJson.nullable(),
  stopped_by: z.string().nullable(),
  chosen: z.int().describe('All rows'),
  along: z.int().describe('Those of them that only go along with others'),
  planned: tally.describe('What would become of them, as the dry run says'),
  outcome: tally,
  fault: z.string().nullable().describe('Why the last batch failed, while none has succeeded since'),
  page: z.string().describe('Its page in the dashboard; with /rows.json after it, each row'),
};

type BulkActionInJson = z.output<z.ZodObject<typeof bulkActionInJson>>;

/** @throws {Refusal} 404 */
export async function bulkActionAsJson(q: Queryable, id: string): Promise<BulkActionInJson> {
  const action = await readBulkAction(q, id);
  if (action === null) throw unknownBulkAction();
  return toJson(action);
}

function toJson(action: BulkAction): BulkActionInJson {
  const { id, kind, state, actor, note, chosen, along, planned, outcome, fault } = action;
  return {
    ...{ id, kind, state, actor, note, chosen, along, planned, outcome, fault },
    planned_by: action.plannedBy,
    created_at: action.createdAt.toISOString(),
    confirmed_at: action.confirmedAt?.toISOString() ?? null,
    ended_at: action.endedAt?.toISOString() ?? null,
    stopped_by: action.stoppedBy,
    page: `/bulk/${id}`,
  };
}

/** Rows that one call may name; a filter may choose any number. */
const mostIds = 10_000;

/** The fields of a list as JSON has them. */
function filterSchema(list: Choosable) {
  const shape = askedFields(list.fields).map(([key, { parameter, kind, help }]) => {
    const words = (): [string, ...string[]] => choicesOf(list, key, kind) as [string, ...string[]];
    return [parameter, valueOf(kind, words).optional().describe(help)] as const;
  });
  return z.strictObject(Object.fromEntries(shape));
}

function valueOf({ type, most }: Kind<unknown>, words: () => [string, ...string[]]) {
  switch (type) {
    case 'one_of':
      return z.enum(words(), { error: `one of ${words().join(', ')}` });
    case 'some_of':
      return z.array(z.enum(words()), { error: `a list of some of ${words().join(', ')}` }).min(1);
    case 'text':
      return freeText(most).unwrap();
    case 'whole_number':
      return z.int().min(0).max(most);
    case 'age':
      return z
        .string()
        .refine((written) => parseAge(written) !== null, agesLookLike)
        .meta({ pattern: agePattern.source });
    case 'entity':
      return freeText(2000).unwrap();
    case 'version':
      return z.string().regex(versionPattern, versionsLookLike);
    case 'yes':
      return z.literal(true, { error: 'true, or is left out' });
  }
}

/** The same as a form would send it: what reads that reads both. */
function asTexts(filter: Readonly<Record<string, unknown>>): ReadonlyMap<string, readonly string[]> {
  return new Map(
    Object.entries(filter).flatMap(([name, value]) => {
      if (value === undefined) return [];
      const values: unknown[] = Array.isArray(value) ? value : [value];
      return [[name, values.map((each) => (each === true ? '1' : String(each)))] as const];
    }),
  );
}

/** What a kind takes besides that can be given a list. */
const listFields = {
  lines: z
    .array(z.string().max(2000), { error: `a list of 1 to ${mostIds.toLocaleString('en')} texts` })
    .min(1)
    .max(mostIds)
    .optional()
    .describe('Instead of ids: entities, each an MBID, an address, or a line of our own lists'),
  entity_type: z.enum(entityTypes).optional().describe('With lines: those that name another type are refused'),
  all_or_nothing: z.literal(true).optional().describe('With lines: nothing is done where a line can’t be; up to 5,000'),
};
type ListBody = z.output<z.ZodObject<typeof listFields>>;

/** A dry run of what can be done to the rows of a list. */
function planning(kind: BulkKindName, page: BulkPage): ApiAction[] {
  const { verb, many, list, selectionOf, byList, told } = page;
  if (selectionOf === null) return [];
  const action = apiAction({
    path: `/bulk/${kind.replaceAll('_', '-')}`,
    summary: `Begin a dry run of “${verb}” for many ${many}; nothing is done to them before it is confirmed`,
    body: {
      ids: rowNumbers(mostIds).optional().describe(`These ${many}`),
      filter: filterSchema(list).optional().describe(`Instead of ids: all ${many} of the list that this chooses`),
      ...(byList !== undefined && listFields),
      ...told?.shape,
    },
    answer: bulkActionInJson,
    run: async (c, { ids, filter, ...body }) => {
      const { lines, entity_type: entityType, all_or_nothing: allOrNothing } = body as Partial<ListBody>;
      if ([ids, filter, lines].filter((given) => given !== undefined).length !== 1) {
        throw badAddress('body', `the body takes either ids or a filter${byList === undefined ? '' : ', or lines'}`);
      }
      const more = told?.read(c, asTexts(body)) ?? {};
      if (lines !== undefined) {
        const named = {
          list: 'a program',
          ...more,
          ...(entityType && { entityType }),
          ...(allOrNothing && { allOrNothing }),
        };
        const text = lines.map((line) => `${line.replace(/[\r\n]+/g, ' ')}\n`);
        return bulkActionAsJson(c.var.parts.db, await beginListDryRun(c, kind, named, text));
      }
      const selection = { ...(filter === undefined ? { ids } : selectionOf(asTexts(filter))), ...more };
      return bulkActionAsJson(c.var.parts.db, await beginDryRun(c, kind, selection));
    },
  });
  return [action];
}

const bulkAction = z.uuid({ error: 'the id of a bulk action' }).describe('As the answer to its dry run has it');

/** What can be done to many rows, from the dry run on. */
export const bulkActions: readonly ApiAction[] = [
  ...Object.entries(bulkPages).flatMap(([kind, page]) => planning(kind as BulkKindName, page)),
  apiAction({
    path: '/record/undo',
    summary: 'Begin a dry run of undoing what one recorded action did, as far as nothing else has happened since',
    body: { action: rowNumber().describe('`id` of the record') },
    answer: bulkActionInJson,
    run: async (c, { action }) => bulkActionAsJson(c.var.parts.db, await beginUndo(c, action)),
  }),
  apiAction({
    path: '/bulk/confirm',
    summary: 'Carry out what a dry run showed; confirming again changes nothing',
    body: {
      bulk_action: bulkAction,
      note: freeText(2000).describe('Why; recorded. Reviews are not closed without it'),
    },
    answer: bulkActionInJson,
    run: async (c, { bulk_action: id, note }) => {
      await confirmDryRun(c, id, note);
      return bulkActionAsJson(c.var.parts.db, id);
    },
  }),
  apiAction({
    path: '/bulk/stop',
    summary: 'Discard a dry run, or stop what is being done after the batch in progress',
    body: { bulk_action: bulkAction },
    answer: bulkActionInJson,
    run: async (c, { bulk_action: id }) => {
      await stopWork(c, id);
      return bulkActionAsJson(c.var.parts.db, id);
    },
  }),
];
