import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** A line of a ```sh block, without its comment. */
export interface DocumentedLine {
  /** From the root of the repository. */
  readonly page: string;
  readonly line: string;
}

/** README.md and all pages of docs/, from the root of the repository. */
export const documentedPages: readonly string[] = ['README.md', ...pagesBelow(join(root, 'docs'))];

/** Every line of the page's ```sh blocks, in their order. */
export function linesOf(page: string): readonly DocumentedLine[] {
  return linesIn(readFileSync(resolve(root, page), 'utf8')).map((line) => ({ page, line }));
}

/** The same by the page's sections, each by its heading; those without lines too. */
export function sectionsOf(page: string): ReadonlyMap<string, readonly string[]> {
  const [, ...sections] = readFileSync(resolve(root, page), 'utf8').split(/^## /m);
  return new Map(sections.map((section) => [section.split('\n')[0]!, linesIn(section)]));
}

function linesIn(text: string): readonly string[] {
  const blocks = [...text.matchAll(/^\s*```sh\n([\s\S]*?)^\s*```$/gm)].map(([, block]) => block!);
  return blocks
    .flatMap((block) => block.replace(/\\\n\s*/g, '').split('\n'))
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');
}

function pagesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => relative(root, join(folder, name)));
}
