import { type EntityType, entityTypes, type NamedEntity, projects } from '../../domain/entity.ts';
import sql, { join, raw, type Sql } from 'sql-template-tag';

/** What a field's value is, wherever it is written: in an address, a form or a shell. `Value` is what it is read as. */
export interface Kind<Value> {
  readonly type: 'age' | 'entity' | 'one_of' | 'some_of' | 'text' | 'version' | 'whole_number' | 'yes';
  /** The words that there are to choose from. */
  readonly choices: readonly string[];
  /** The largest number, or the length of the longest text. */
  readonly most: number;
  /** Never there: a type alone. */
  readonly readAs?: Value;
}

const plain = { choices: [], most: Infinity } as const;

/** One of a few words. */
export function oneOf<const Word extends string>(choices: readonly Word[]): Kind<Word> {
  return { ...plain, type: 'one_of', choices };
}

/** Any number of a few words. */
export function someOf<const Word extends string>(choices: readonly Word[]): Kind<readonly Word[]> {
  return { ...plain, type: 'some_of', choices };
}

/** A text to be found, cut to a number of characters. */
export function text(most = 200): Kind<string> {
  return { ...plain, type: 'text', most };
}

export function wholeNumber(most: number): Kind<number> {
  return { ...plain, type: 'whole_number', most };
}

/** `90m`, `3d`; read as seconds. */
export const age: Kind<number> = { ...plain, type: 'age' };

/** An MBID, or a pasted address, which may tell the entity type, too; read as the MBID. */
export const entity: Kind<string> = { ...plain, type: 'entity' };

/** `0.2`, of this program. */
export const versionNumber: Kind<string> = { ...plain, type: 'version' };

/** How that is written. */
export const versionPattern = /^\d{1,5}(\.\d{1,5}){0,3}$/;
export const versionsLookLike = 'a version such as 0.2 or 0.2.1';

/** It holds, or nothing is asked. */
export const yes: Kind<true> = { ...plain, type: 'yes' };

/** How a sentence says what only `wording` can say. */
export interface Say {
  readonly age: (seconds: number) => string;
}

/**
 * What a list can be chosen by, in one place: how it is named in addresses, forms, the shell and the docs, what it takes,
 * how a sentence says it, and its SQL.
 */
export interface Field<Value> {
  /** Its name in addresses and forms; in the shell, with hyphens, unless `flag` says otherwise. */
  readonly parameter: string;
  readonly flag?: string;
  readonly kind: Kind<Value>;
  /** In the form of the page. */
  readonly label: string;
  /** An example, in the form. */
  readonly hint?: string;
  /** Which rows are chosen, as the shell's help and the docs continue. */
  readonly help: string;
  /** What choosing nothing means, where that isn't "any". */
  readonly none?: string;
  /** A choice, as people read it; without it the word itself, underscores as spaces. */
  choiceInWords?(choice: string): string;
  /** Whether the form has it only where the address does: what one can't type, such as a kind of reason. */
  readonly isFollowed?: true;
  /** The rows that are chosen, as a sentence continues after "all events"; between the two where `isAdjective` says so. */
  words(value: Value, say: Say): string;
  readonly isAdjective?: true;
  /** The condition. */
  sql(value: Value): Sql;
  /** The condition where nothing is chosen. */
  readonly otherwise?: Sql;
}

/** What only other parts of the program choose by: nobody writes it anywhere. */
type InnerField<Value> = Pick<Field<Value>, 'otherwise' | 'sql'> & { readonly parameter?: undefined };

export type FieldTable = Readonly<Record<string, Field<unknown> | InnerField<unknown>>>;

/** The filter that a table of fields stands for: all that is given must hold. It is JSON as it is. */
export type FilterOf<Fields extends FieldTable> = {
  readonly [Key in keyof Fields]?: Fields[Key] extends { sql(value: infer Value): Sql } ? Value : never;
};

/** Ties a field's value to its kind. */
export function field<Value>(entry: Field<Value>): Field<Value> {
  return entry;
}

/** @param hasType the condition that a row is of a type */
export function entityTypeField(hasType: (entityType: EntityType) => Sql): Field<EntityType> {
  return {
    parameter: 'entity_type',
    label: 'Entity type',
    kind: oneOf(entityTypes),
    help: 'of this type of entity',
    words: (entityType) => `of ${projects[entityType].many}`,
    sql: hasType,
  };
}

/** The fields that people choose by, each with the key of its value in a filter, in the table's order. */
export function askedFields(fields: FieldTable): readonly (readonly [key: string, field: Field<unknown>])[] {
  return Object.entries(fields).flatMap(([key, each]) => (each.parameter === undefined ? [] : [[key, each] as const]));
}

/** What of a list people choose by. */
export interface Choosable<Fields extends FieldTable = FieldTable> {
  readonly fields: Fields;
  /** What is chosen where nothing is said of it. */
  readonly standard: FilterOf<Fields>;
}

/** Takes away what a list chooses of itself. */
export const any = 'any';

/** The words that a field can be given: where the list chooses of itself, also that it shall not. */
export function choicesOf({ standard }: Choosable, key: string, { choices }: Kind<unknown>): readonly string[] {
  return Object.hasOwn(standard, key) ? [...choices, any] : choices;
}

/** An address names one entity type, and the field beside it says another. */
export class ContradictionError extends Error {
  override readonly name = 'ContradictionError';
  readonly named: EntityType;
  readonly said: unknown;
  constructor(named: EntityType, said: unknown) {
    super(`it names a ${named}, and the entity type says ${String(said)}`);
    this.named = named;
    this.said = said;
  }
}

/**
 * The filter that values stand for.
 *
 * @param valueOf a field's value as its kind is read, an entity with its type; undefined where nothing was given
 * @throws {ContradictionError}
 */
export function filterFrom<Fields extends FieldTable>(
  { fields, standard }: Choosable<Fields>,
  valueOf: (field: Field<unknown>) => unknown,
): FilterOf<Fields> {
  const filter: Record<string, unknown> = { ...standard };
  let named: EntityType | null = null;
  for (const [key, asked] of askedFields(fields)) {
    const value = valueOf(asked);
    if (value === undefined) continue;
    if (value === any || (Array.isArray(value) && value.includes(any))) delete filter[key];
    else if (asked.kind.type === 'entity') {
      const entity = value as NamedEntity;
      filter[key] = entity.gid;
      named = entity.entityType;
    } else filter[key] = value;
  }
  if (named !== null) {
    if (filter['entityType'] !== undefined && filter['entityType'] !== named) {
      throw new ContradictionError(named, filter['entityType']);
    }
    filter['entityType'] = named;
  }
  return filter as FilterOf<Fields>;
}

/**
 * The condition that a filter stands for.
 *
 * @throws {Error} where it has something that the table doesn't: a filter that another version stored would choose more
 *   than it says
 */
export function conditionOf<Fields extends FieldTable>(fields: Fields, filter: FilterOf<Fields>): Sql {
  const given = Object.entries(filter).filter(([, value]) => value !== undefined);
  const unknown = given.find(([key]) => !Object.hasOwn(fields, key));
  if (unknown !== undefined) throw new Error(`the filter has ${unknown[0]}, by which this version can't choose`);
  const keys = new Map(given);
  const conditions = Object.entries(fields).flatMap(([key, entry]) => {
    if (keys.has(key)) return [entry.sql(keys.get(key))];
    return entry.otherwise === undefined ? [] : [entry.otherwise];
  });
  return conditions.length === 0 ? sql`true` : join(conditions, '\n    and ');
}

/**
 * The field of a list by the bulk action in which something was done to its rows.
 *
 * @param id the column that names a row, `e.id`
 * @param kinds of bulk actions on rows of this list
 */
export function doneInBulk(id: string, kinds: readonly string[]): Field<string> {
  return field({
    parameter: 'bulk',
    label: 'Bulk action',
    kind: text(36),
    help: 'with which this bulk action did what it was for, as its page links to them',
    isFollowed: true,
    words: (action) => `of the bulk action ${action}`,
    // The row's key has the targets of an action in order, so that a page reads no more of them than it shows.
    sql: (action) => sql`${raw(id)} in (
      select chosen.target from artwork_reconciler.bulk_action_row chosen
      where chosen.outcome = 'done' and chosen.bulk_action = (
        select asked.id from artwork_reconciler.bulk_action asked
        where asked.id::text = lower(${action}) and asked.kind = any (${kinds}::text[])))`,
  });
}

/** A moment in the past, by the database's clock. */
export const ago = (seconds: number): Sql => sql`now() - make_interval(secs => ${seconds})`;

/**
 * The two fields of a list by when something was done to its rows.
 *
 * @param moment the column of when, `e.created`
 * @param done in words: `created`
 */
export function agesOf(moment: string, done: string): Readonly<Record<'newerThan' | 'olderThan', Field<number>>> {
  return {
    olderThan: field({
      parameter: 'older',
      flag: 'older-than',
      label: 'Older than',
      hint: '3d',
      kind: age,
      help: `${done} longer ago than this, e.g. 90m, 12h or 3d`,
      words: (seconds, say) => `${done} more than ${say.age(seconds)} ago`,
      sql: (seconds) => sql`${raw(moment)} < ${ago(seconds)}`,
    }),
    newerThan: field({
      parameter: 'newer',
      flag: 'newer-than',
      label: 'Newer than',
      hint: '12h',
      kind: age,
      help: `${done} since, e.g. 90m, 12h or 3d`,
      words: (seconds, say) => `${done} in the last ${say.age(seconds)}`,
      sql: (seconds) => sql`${raw(moment)} >= ${ago(seconds)}`,
    }),
  };
}
