import type { BulkAction } from '../database/bulk-actions/bulk-action.ts';
import type { Choosable, Field, FilterOf, Say } from '../database/lists/fields.ts';
import type { List } from '../database/lists/list.ts';
import { exactDuration } from './time.ts';

const say: Say = { age: exactDuration };

/** What a list's filter chooses, as a sentence may continue: `all failed events of releases, …`. */
export function filterInWords<Fields extends Choosable['fields']>(
  { fields, one, many }: Pick<List<never, Fields>, 'fields' | 'many' | 'one'>,
  filter: FilterOf<Fields>,
): string {
  const { ids, ...chosen } = filter as Readonly<Record<string, unknown>> & { readonly ids?: readonly number[] };
  if (ids !== undefined)
    return ids.length === 1 ? `${one} ${ids[0]}` : `${ids.length.toLocaleString('en')} selected ${many}`;
  const given = Object.entries(chosen).flatMap(([key, value]) => {
    const field = fields[key];
    return field?.parameter === undefined ? [] : [{ field, words: field.words(value, say) }];
  });
  const [before, after] = [true, false].map((isBefore) =>
    given.filter(({ field }) => (field.isAdjective ?? false) === isBefore).map(({ words }) => words),
  );
  return [['all', ...before!, many].join(' '), ...after!].join(', ').replace(', ', ' ');
}

/** A choice of a field as people read it. */
export function choiceInWords({ choiceInWords: own }: Pick<Field<unknown>, 'choiceInWords'>, choice: string): string {
  return own === undefined ? choice.replaceAll('_', ' ') : own(choice);
}

/** How far a bulk action is. */
export function bulkStateInWords({ state, confirmedAt }: Pick<BulkAction, 'confirmedAt' | 'state'>): string {
  switch (state) {
    case 'reading':
      return 'its list is being read';
    case 'choosing':
    case 'planning':
      return 'finding out what would be done';
    case 'planned':
      return 'waits to be confirmed';
    case 'running':
      return 'running';
    case 'done':
      return 'done';
    case 'stopped':
      return confirmedAt === null ? 'discarded' : 'stopped';
  }
}
