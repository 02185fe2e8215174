import { z } from 'zod';
import {
  askedFields,
  choicesOf,
  type Choosable,
  ContradictionError,
  type Field,
  type FieldTable,
  filterFrom,
  type FilterOf,
  versionPattern,
  versionsLookLike,
} from '../../database/lists/fields.ts';
import { parseRowId } from '../../database/row-id.ts';
import { entitiesAreNamed, type NamedEntity, parseNamed } from '../../domain/entity.ts';
import { didYouMean } from '../../wording/did-you-mean.ts';
import { ungrouped } from '../../wording/text.ts';
import { agesLookLike, parseAge, parseSince, sinceLooksLike } from '../../wording/time.ts';
import type { PageContext } from '../environment.ts';
import { badField, badInput } from '../refusals.ts';

/** This page's address with some parameters changed; null takes one away. */
export function addressWith(
  c: PageContext,
  changes: Readonly<Record<string, string | null>>,
  path = c.req.path,
): string {
  const parameters = new URLSearchParams(new URL(c.req.url).search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) parameters.delete(name);
    else parameters.set(name, value);
  }
  const query = parameters.toString();
  return query === '' ? path : `${path}?${query}`;
}

/** The kinds of parameters that addresses and forms have. Each message is what it takes; all are optional. */

/** One of a few words. */
export function choice<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z.enum(values, { error: ({ input }) => `one of ${values.join(', ')}${hint(input, values)}` }).optional();
}

/** Any number of a few words. */
export function choices<const Values extends readonly [string, ...string[]]>(values: Values) {
  const error = ({ input }: { readonly input?: unknown }): string =>
    `some of ${values.join(', ')}${hint(input, values)}`;
  const one = z.enum(values, { error });
  return z
    .union([one.transform((value) => [value]), z.array(one, { error })], { error })
    .transform((several) => several as readonly Values[number][])
    .optional();
}

/** Which word was probably meant, for the message about one that there isn't. */
function hint(input: unknown, words: readonly string[]): string {
  const meant = typeof input === 'string' ? didYouMean(input, words).trim() : '';
  return meant === '' ? '' : ` (${meant})`;
}

/** A note and the like; PostgreSQL's texts have no NUL. */
export function freeText(most: number) {
  const error = `a text of at most ${most} characters, without NUL`;
  // As JSON Schema can say it too: calls of programs are described by what reads them.
  return z
    .string({ error })
    .max(most, error)
    .regex(/^[^\0]*$/, error)
    .optional();
}

/** `90m`, `3d`. @returns seconds */
export function age() {
  return z
    .string({ error: agesLookLike })
    .transform((text) => parseAge(text))
    .refine((seconds): seconds is number => seconds !== null, agesLookLike)
    .optional();
}

/** A moment as pages write it into forms, to the millisecond. */
export function moment() {
  const error = 'a moment like 2026-01-31T12:00:00.000Z';
  return z
    .string({ error })
    .refine((text) => /^\d{4}-\d\d-\d\dT[\d:.]{8,12}Z$/.test(text) && !Number.isNaN(Date.parse(text)), error)
    .transform((text) => new Date(text))
    .optional();
}

/** A moment as people write it: `yesterday`, `24h`, `2026-11-01`. */
export function sinceMoment() {
  const error = `${sinceLooksLike}; none ahead of now`;
  return z
    .string({ error })
    .transform((text) => parseSince(text.slice(0, 100), new Date()))
    .refine((moment): moment is Date => moment !== null, error)
    .optional();
}

/** An MBID or a pasted address. */
export function named() {
  return z
    .string({ error: entitiesAreNamed })
    .transform((text, context): NamedEntity => {
      const reading = parseNamed(text.slice(0, 2000));
      if (reading.kind === 'named') return reading;
      context.addIssue(
        reading.kind === 'other' ? `${entitiesAreNamed}; not that of ${reading.what}` : entitiesAreNamed,
      );
      return z.NEVER;
    })
    .optional();
}

/** The number of a row. */
export function rowId() {
  return oneRowId('a number of a row').optional();
}

/** The numbers of several rows. */
export function rowIds() {
  const error = 'numbers of rows';
  const one = oneRowId(error);
  return z.union([one.transform((id) => [id]), z.array(one, { error })], { error }).optional();
}

function oneRowId(error: string) {
  return z
    .string({ error })
    .transform((text) => parseRowId(text))
    .refine((id): id is number => id !== null, error);
}

/** A box that is ticked or not. */
export function ticked() {
  return z
    .enum(['1'], { error: '1, or nothing' })
    .transform(() => true)
    .optional();
}

/** `0.2`, of this program. */
function versionText() {
  return z.string({ error: versionsLookLike }).regex(versionPattern, versionsLookLike).optional();
}

/** The run of a workflow, as Temporal names it. */
export function runId() {
  return z
    .string({ error: 'the id of a run' })
    .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'the id of a run')
    .optional();
}

/** Where a page of a list begins, as the link to it has it; the list itself knows what fits. */
function place() {
  return freeText(1000);
}

export function wholeNumber(most: number) {
  const error = `a whole number from 0 to ${most}`;
  return z
    .string({ error })
    .transform(ungrouped)
    .refine((digits) => new RegExp(`^\\d{1,${String(most).length}}$`).test(digits), error)
    .transform(Number)
    .refine((number) => number <= most, error)
    .optional();
}

/** How a field of a list is read. */
function schemaOf(list: Choosable, key: string, { kind }: Field<unknown>): z.ZodType {
  const words = (): [string, ...string[]] => choicesOf(list, key, kind) as [string, ...string[]];
  switch (kind.type) {
    case 'one_of':
      return choice(words());
    case 'some_of':
      return choices(words());
    case 'text':
      return freeText(kind.most);
    case 'whole_number':
      return wholeNumber(kind.most);
    case 'age':
      return age();
    case 'entity':
      return named();
    case 'version':
      return versionText();
    case 'yes':
      return ticked();
  }
}

/**
 * The filter of a list that an address or a form stands for.
 *
 * @throws {Refusal} 400, naming each parameter that has a value it can't take
 */
export function filterOf<Fields extends FieldTable>(
  list: Choosable<Fields>,
  texts: ReadonlyMap<string, readonly string[]>,
): FilterOf<Fields> {
  const shape = askedFields(list.fields).map(([key, field]) => [field.parameter, schemaOf(list, key, field)] as const);
  const values: Readonly<Record<string, unknown>> = readFields(texts, z.object(Object.fromEntries(shape)));
  try {
    return filterFrom(list, ({ parameter }) => values[parameter]);
  } catch (error) {
    if (!(error instanceof ContradictionError)) throw error;
    throw badField('mbid', `mbid names a ${error.named}, and entity_type says ${String(error.said)}: give one of them`);
  }
}

/** What the address of a list's page or file asks for. @throws {Refusal} 400 */
export function readListAddress<Fields extends FieldTable>(
  c: PageContext,
  list: Choosable<Fields>,
): { readonly filter: FilterOf<Fields>; readonly after: string | null } {
  const { after } = readParameters(c, z.object({ after: place() }));
  return { filter: filterOf(list, new Map(Object.entries(c.req.queries()))), after: after ?? null };
}

/** The parameters of the address that choose rows of a list, to be kept in links. */
export function filterQuery(c: PageContext, list: Choosable): string {
  const kept = new URLSearchParams();
  for (const name of parametersOf(list)) {
    for (const value of c.req.queries(name) ?? []) if (value !== '') kept.append(name, value);
  }
  return kept.toString();
}

export function parametersOf({ fields }: Choosable): readonly string[] {
  return askedFields(fields).map(([, { parameter }]) => parameter);
}

/**
 * The parameters of the address as the schema reads them. One without a value is one that isn't there: forms send all
 * of their fields. Names that the schema doesn't have are passed over.
 *
 * @throws {Refusal} 400, naming each parameter that has a value it can't take
 */
export function readParameters<Schema extends z.ZodObject>(c: PageContext, schema: Schema): z.output<Schema> {
  return readFields(new Map(Object.entries(c.req.queries())), schema, false);
}

/**
 * The same for what came in a form.
 *
 * @param areFields whether people write the values, or only links and pages do
 */
export function readFields<Schema extends z.ZodObject>(
  texts: ReadonlyMap<string, readonly string[]>,
  schema: Schema,
  areFields = true,
): z.output<Schema> {
  const input = Object.fromEntries(
    Object.keys(schema.shape).flatMap((name) => {
      const values = (texts.get(name) ?? []).filter((text) => text.trim() !== '');
      return values.length === 0 ? [] : [[name, values.length === 1 ? values[0] : values]];
    }),
  );
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw badInput(
    parsed.error.issues.map((issue) => {
      const name = String(issue.path[0]);
      const text = `${name} takes ${issue.message}; it got ${JSON.stringify(input[name]).slice(0, 200)}`;
      return { name, text, isField: areFields };
    }),
  );
}
