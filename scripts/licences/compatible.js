/**
 * Licences whose code may be shipped together with ours, by their SPDX names, each with why. Ours is GPL-2.0-or-later: what
 * is compatible with version 3 only makes the whole a work under version 3, which "or later" allows. So Apache-2.0, which
 * can't be combined with version 2 alone, is fine. Source: the FSF's list of licences.
 */
export const compatible = new Map([
  ['0BSD', 'permissive'],
  ['Apache-2.0', 'with version 3'],
  ['BlueOak-1.0.0', 'permissive; with version 3'],
  ['BSD-2-Clause', 'permissive'],
  ['BSD-3-Clause', 'permissive'],
  ['CC-BY-4.0', 'one-way: its data may become part of a work under version 3'],
  ['CC0-1.0', 'public domain'],
  ['GPL-2.0-or-later', 'ours'],
  ['GPL-3.0-only', 'makes the whole version 3'],
  ['GPL-3.0-or-later', 'makes the whole version 3'],
  ['ISC', 'permissive'],
  ['LGPL-2.1-or-later', 'may be taken for the GPL of any later version'],
  ['LGPL-3.0-or-later', 'with version 3'],
  ['MIT', 'permissive'],
  ['MPL-2.0', 'its section 3.3, unless the package says otherwise'],
  ['PostgreSQL', 'permissive'],
  ['Python-2.0', 'permissive'],
  ['Unlicense', 'public domain'],
  ['Zlib', 'permissive'],
]);

/** Packages that don't say it in package.json, and what their licence file says. */
export const readByAPerson = new Map([['unionfs', 'Unlicense']]);

/** Packages that npm installs, and that are no part of our program: it neither loads nor ships them. Each with why. */
export const notCombined = new Map([
  [
    'sentry',
    'a command-line program that @sentry/bundler-plugins starts where a frontend is built; scripts/image/prune.sh keeps it out of the image',
  ],
]);
