import { InvalidArgumentError } from 'commander';
import { agesLookLike, parseAge } from '../wording/age.ts';

/** Reads an option's whole number. @throws {InvalidArgumentError} which commander prints with the option's name. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
    if (!(value >= least && value <= most)) {
      throw new InvalidArgumentError(`It takes a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}

/** Reads the id of an event or a review, of which there may be several: each is added to those before it. */
export function rowIds(text: string, before: readonly number[] = []): readonly number[] {
  return [...before, wholeNumber(1, Number.MAX_SAFE_INTEGER)(text)];
}

/** Reads a text that has to be there: an empty one, e.g. of an unset variable of a script, would match everything. */
export function someText(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It takes a text that is not empty.');
  return text;
}

/** Reads an age such as `90m`, `12h`, `3d` or `1.5w`. @returns seconds */
export function age(text: string): number {
  const seconds = parseAge(text);
  if (seconds === null) throw new InvalidArgumentError(`It takes ${agesLookLike}.`);
  return seconds;
}
