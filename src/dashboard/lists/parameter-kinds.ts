import { z } from 'zod';
import { entitiesAreNamed, type NamedEntity, parseNamed } from '../../domain/named-entity.ts';
import { agesLookLike, parseAge } from '../../wording/age.ts';

/** The kinds of parameters that addresses and forms have. Each message is what it takes; all are optional. */

/** One of a few words. */
export function choice<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z.enum(values, { error: `one of ${values.join(', ')}` }).optional();
}

/** Any number of a few words. */
export function choices<const Values extends readonly [string, ...string[]]>(values: Values) {
  const error = `some of ${values.join(', ')}`;
  const one = z.enum(values, { error });
  return z
    .union([one.transform((value) => [value]), z.array(one, { error })], { error })
    .transform((several) => several as readonly Values[number][])
    .optional();
}

const longest = 200;

/** A part of a text; PostgreSQL's texts have no NUL. */
export function textPart() {
  return freeText(longest);
}

/** A note and the like. */
export function freeText(most: number) {
  const error = `a text of at most ${most} characters, without NUL`;
  return z
    .string({ error })
    .refine((text) => text.length <= most && !text.includes('\0'), error)
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
  const error = 'a number of a row';
  return z
    .string({ error })
    .refine((text) => /^\d{1,16}$/.test(text) && Number.isSafeInteger(Number(text)), error)
    .transform(Number)
    .optional();
}

/** The numbers of several rows. */
export function rowIds() {
  const error = 'numbers of rows';
  const one = z
    .string({ error })
    .refine((text) => /^\d{1,16}$/.test(text) && Number.isSafeInteger(Number(text)), error)
    .transform(Number);
  return z.union([one.transform((id) => [id]), z.array(one, { error })], { error }).optional();
}

/** A box that is ticked or not. */
export function ticked() {
  return z
    .enum(['1'], { error: '1, or nothing' })
    .transform(() => true)
    .optional();
}

/** The run of a workflow, as Temporal names it. */
export function runId() {
  return z
    .string({ error: 'the id of a run' })
    .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'the id of a run')
    .optional();
}

/** Where a page of a list begins, as the link to it has it; the list itself knows what fits. */
export function place() {
  return freeText(1000);
}

/** A priority of audits. */
export function priority() {
  const error = 'a whole number from 0 to 32767';
  return z
    .string({ error })
    .regex(/^\d{1,5}$/, error)
    .transform(Number)
    .refine((number) => number <= 32_767, error)
    .optional();
}
