import { type Command, InvalidArgumentError, Option } from 'commander';
import { loginName } from '../config/config.ts';
import type { Operator } from '../database/operators/recorded.ts';
import { versionPattern, versionsLookLike } from '../database/lists/fields.ts';
import { parseRowId } from '../database/row-id.ts';
import { entitiesAreNamed, entityTypes, type NamedEntity, parseNamed } from '../domain/entity.ts';
import { ungrouped } from '../wording/text.ts';
import { agesLookLike, parseAge } from '../wording/time.ts';
import { UsageError } from './errors.ts';

/** Reads an option's whole number. @throws {InvalidArgumentError} which commander prints with the option's name. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const digits = ungrouped(text);
    const value = /^\d{1,16}$/.test(digits) ? Number(digits) : NaN;
    if (!(value >= least && value <= most)) {
      throw new InvalidArgumentError(`It takes a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}

/** Reads the id of an event or a review, of which there may be several: each is added to those before it. */
export function rowIds(text: string, before: readonly number[] = []): readonly number[] {
  return [...before, rowId(text)];
}

/** The same, or `-`, which stands for standard input. */
export function rowIdsOrList(text: string, before: readonly (number | '-')[] = []): readonly (number | '-')[] {
  return [...before, text === '-' ? '-' : rowId(text)];
}

/** Reads the id of an event or a review. */
export function rowId(text: string): number {
  const id = parseRowId(text);
  if (id === null || id === 0) throw new InvalidArgumentError('It takes the id of a row, a whole number from 1 up.');
  return id;
}

/** Reads a text that has to be there: an empty one, e.g. of an unset variable of a script, would match everything. */
export function someText(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It takes a text that is not empty.');
  return text;
}

/** Reads a version of this program. */
export function versionText(text: string): string {
  if (!versionPattern.test(text)) throw new InvalidArgumentError(`It takes ${versionsLookLike}.`);
  return text;
}

/** Reads an age such as `90m`, `12h`, `3d` or `1.5w`. @returns seconds */
export function age(text: string): number {
  const seconds = parseAge(text);
  if (seconds === null) throw new InvalidArgumentError(`It takes ${agesLookLike}.`);
  return seconds;
}

/**
 * Reads what an argument names.
 *
 * @throws {UsageError} where that is neither a release nor an event.
 */
export function readNamed(text: string): NamedEntity {
  const named = parseNamed(text);
  if (named.kind === 'named') return named;
  const given = named.kind === 'other' ? `is the address of ${named.what}` : 'is no MBID';
  throw new UsageError(`${JSON.stringify(text)} ${given}: expected ${entitiesAreNamed}`);
}

/** Arguments as they were meant: `release 463f…`, which our output calls an entity by, reaches us as two of them. */
export function joinPrinted(texts: readonly string[]): string[] {
  const isKind = (text: string | undefined): boolean => entityTypes.some((entityType) => entityType === text);
  return texts.flatMap((text, n) => {
    if (isKind(text) && n + 1 < texts.length) return [];
    return isKind(texts[n - 1]) ? [`${texts[n - 1]} ${text}`] : [text];
  });
}

/** An option that narrows what a command does to one entity type. @param what what comes before `of this entity type alone` */
export function entityTypeOption(what: string): Option {
  return new Option('--entity-type <which>', `${what} of this entity type alone: event is event art`).choices(
    entityTypes,
  );
}

export interface OperatorOptions {
  readonly actor?: string;
  readonly note?: string;
}

/** Adds what is recorded of whoever changes something. */
export function addOperatorOptions(command: Command): Command {
  return command
    .option('--actor <name>', 'who does this, for the record; your login name otherwise', someText)
    .option('--note <text>', 'why, for the record', someText);
}

/** The person who runs a command: as `--actor` says, else by the login name, of the one before `sudo` where there is one. */
export function operatorOf({ actor, note }: OperatorOptions, env: NodeJS.ProcessEnv = process.env): Operator {
  return { actor: actor ?? env.SUDO_USER ?? loginName(env), note: note ?? null };
}
