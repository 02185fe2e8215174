import { type Command, Option } from 'commander';
import {
  askedFields,
  type Choosable,
  choicesOf,
  ContradictionError,
  type Field,
  type FieldTable,
  filterFrom,
  type FilterOf,
} from '../database/lists/fields.ts';
import { UsageError } from './errors.ts';
import { age, readNamed, someText, versionText, wholeNumber } from './option-values.ts';

/** Options as commander has read them. */
type Options = Readonly<Record<string, unknown>>;

/**
 * Adds the options by which rows of a list are chosen; all that are given must hold.
 *
 * @param only the words that make sense for the command, where that are not all of a field's, by its parameter
 */
export function addFilterOptions(
  command: Command,
  list: Choosable,
  only: Readonly<Record<string, readonly string[]>> = {},
): Command {
  for (const [key, field] of askedFields(list.fields)) {
    command.addOption(optionOf(field, only[field.parameter] ?? choicesOf(list, key, field.kind)));
  }
  return command;
}

function optionOf({ parameter, flag, kind, help }: Field<unknown>, choices: readonly string[]): Option {
  const name = `--${flag ?? parameter.replaceAll('_', '-')}`;
  switch (kind.type) {
    case 'one_of':
      return new Option(`${name} <which>`, help).choices(choices);
    case 'some_of':
      return new Option(`${name} <which...>`, help).choices(choices);
    case 'text':
      return new Option(`${name} <text>`, help).argParser(someText);
    case 'whole_number':
      return new Option(`${name} <number>`, help).argParser(wholeNumber(0, kind.most));
    case 'age':
      return new Option(`${name} <age>`, help).argParser(age);
    case 'entity':
      return new Option(`${name} <mbid|url>`, help);
    case 'version':
      return new Option(`${name} <version>`, help).argParser(versionText);
    case 'yes':
      return new Option(name, help);
  }
}

/** Whether any of these options was given. */
export function isFiltered({ fields }: Choosable, options: Options): boolean {
  return askedFields(fields).some(([, field]) => valueOf(field, options) !== undefined);
}

/** The filter that the options stand for. @throws {UsageError} */
export function readFilter<Fields extends FieldTable>(list: Choosable<Fields>, options: Options): FilterOf<Fields> {
  try {
    return filterFrom(list, (field) => {
      const value = valueOf(field, options);
      return field.kind.type === 'entity' && typeof value === 'string' ? readNamed(value) : value;
    });
  } catch (error) {
    if (!(error instanceof ContradictionError)) throw error;
    throw new UsageError(
      `--mbid names a ${error.named} and --entity-type says ${String(error.said)}: give one of them`,
    );
  }
}

function valueOf(field: Field<unknown>, options: Options): unknown {
  return options[optionOf(field, []).attributeName()];
}
