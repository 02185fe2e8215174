import { describe, expect, test } from 'vitest';
import { readXml } from '../../src/domain/documents/xml-document.ts';
import { bytes, gids } from './examples.ts';

/** The paths of what a release holds. */
function paths(content: string): string[] {
  const reading = readXml(bytes(`<metadata><release id="${gids.entity}">${content}</release></metadata>`), 'release');
  return reading.kind === 'read' ? [...reading.values.keys()].filter((path) => path !== 'release/id') : [];
}

describe('a relation is told from others', () => {
  test.each([
    ['by its type and what it relates to', '<relation type="a"><target>t</target></relation>', 'relation(a t)'],
    ['by its type alone', '<relation type="a"><x>1</x></relation>', 'relation(a)'],
    ['by what it relates to alone', '<relation><target>t</target></relation>', 'relation(t)'],
    ['by nothing', '<relation><x>1</x></relation>', 'relation()'],
  ])('%s', (_, relation, label) => {
    for (const path of paths(relation)) expect(path.startsWith(`release/${label}/`), path).toBe(true);
    expect(paths(relation)).not.toEqual([]);
  });

  test('as those of one list without a target type are', () => {
    expect(paths('<relation-list><x>1</x></relation-list>')).toEqual(['release/relation-list()/x']);
    expect(paths('<relation-list target-type="url"><x>1</x></relation-list>')).toContain(
      'release/relation-list(url)/x',
    );
  });
});
