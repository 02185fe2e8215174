import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SeenEntities } from '../../../src/starters/reading/batcher.ts';

test('what was named before is known, and with what priority, as a table of all of it would say', () => {
  const gid = fc
    .nat(400)
    .map((n) => `${n.toString(16).padStart(8, '0')}-0000-4000-8000-00000000${(n % 7).toString().padStart(4, '0')}`);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(gid, fc.constantFrom(0, 100, 150, 32_767)), { maxLength: 2000, size: 'max' }),
      (notes) => {
        const seen = new SeenEntities();
        const known = new Map<string, number>();
        for (const [entity, priority] of notes) {
          const before = known.get(entity);
          const expected = before === undefined ? 'first' : before < priority ? 'higher' : 'known';
          if (expected !== 'known') known.set(entity, priority);
          expect(seen.note(entity, priority)).toBe(expected);
        }
        expect(seen.size).toBe(known.size);
      },
    ),
    { numRuns: 20 },
  );
});

test('where a table’s last place is taken, what belongs there stands at its beginning', () => {
  const seen = new SeenEntities();
  const last = (n: number) => `000003ff-000${n}-4000-8000-000000000000`;
  expect([1, 2, 3, 2].map((n) => seen.note(last(n), 100))).toEqual(['first', 'first', 'first', 'known']);
});
