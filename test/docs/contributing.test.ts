import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runChecks } from '../../src/domain/checks/check.ts';
import { itemFiles } from '../../src/domain/documents/item-files.ts';
import { aFile, anImage, gids, liveRelease, matchingItem, presentItem } from '../domain/examples.ts';
import { documentedPages } from './documented-lines.ts';
import { imageEmpty } from './examples/image-empty.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (page: string): string => readFileSync(resolve(root, page), 'utf8');
const pages = [...documentedPages.filter((page) => page.startsWith('docs/contributing/')), 'CONTRIBUTING.md'];

test.each(pages)('%s names files and folders that there are', (page) => {
  const named = [...read(page).matchAll(/(?<![\w/.-])(?:src|test|migrations|scripts)\/[\w./-]*[\w/]/g)];
  expect(named.map(([path]) => path).filter((path) => !existsSync(resolve(root, path)))).toEqual([]);
});

describe('the check that docs/contributing/add-a-check.md adds', () => {
  const gid = gids.entity;
  const release = liveRelease([anImage(1)]);
  const sized = (size: number | null) => {
    const original = `mbid-${gid}-1.jpg`;
    const others = matchingItem(release).files.filter(({ name }) => name !== original);
    const item = presentItem([...others, aFile(original, { size })]);
    return { expected: release, item, files: itemFiles(gid, item.files), contents: [] };
  };

  test('is, word by word, one that compiles', () => {
    const [, block] = /```ts\n([\s\S]*?)```/.exec(read('docs/contributing/add-a-check.md'))!;
    expect(block).toBe(read('test/docs/examples/image-empty.ts'));
  });

  test('finds what it says, and nothing where the archive says nothing', () => {
    expect(runChecks([imageEmpty], sized(0))).toMatchObject([{ subject: `mbid-${gid}-1.jpg`, artworkId: 1 }]);
    expect(runChecks([imageEmpty], sized(null))).toEqual([]);
    expect(runChecks([imageEmpty], sized(1))).toEqual([]);
  });
});
