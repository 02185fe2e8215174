import { projects } from '../project.ts';
import { type Check, peoplesPolicies, show } from './check.ts';
import type { ItemInput } from './item-checks.ts';

const why =
  'An upload sets it where it makes the item. On an item that exists it usually can’t, so one is tried, and then a person asks the archive.';

export const metadataChecks: readonly Check<ItemInput>[] = [
  metadataCheck('collection', 'The item is in the collection of its project.', (input) => {
    return projects[input.expected.key.entityType].collection;
  }),
  metadataCheck('mediatype', 'The item’s mediatype is “image”.', () => 'image'),
  metadataCheck('noindex', 'The item is kept out of the archive’s search (“noindex” is “true”).', () => 'true'),
];

function metadataCheck(field: string, sentence: string, expectedValue: (input: ItemInput) => string): Check<ItemInput> {
  const check = `meta.${field}`;
  return {
    name: check,
    family: 'item',
    audience: 'archive_staff',
    sentence,
    why,
    policies: ['index', ...peoplesPolicies],
    *differences(input) {
      if (input.item.kind !== 'present') return;
      const expected = expectedValue(input);
      const values = input.item.metadata[field] ?? [];
      // An item may be in further collections.
      if (values.includes(expected)) return;
      yield { check, subject: field, expected, found: values.length === 0 ? 'nothing' : show(values) };
    },
  };
}
