import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { findTemporalCli } from '../../src/embedded/temporal-cli.ts';

const executable = resolve(import.meta.dirname, '../../bin/artwork-reconciler.js');

/** The release that the docs speak of. */
export const documentedMbid = '76df3287-6cda-33eb-8e9a-044b5e15ffdd';

/** A folder in which the lines of the docs are run, with the programs and files that they name. */
export interface Sandbox {
  readonly folder: string;
  /** To be put before everything else on the PATH. */
  readonly programs: string;
  remove(): void;
}

export async function makeSandbox(): Promise<Sandbox> {
  const folder = mkdtempSync(join(tmpdir(), 'ar-docs-'));
  const programs = join(folder, 'bin');
  mkdirSync(programs);
  const script = (name: string, text: string): void => {
    writeFileSync(join(programs, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(programs, name), 0o755);
  };
  script('artwork-reconciler', `exec '${process.execPath}' '${executable}' "$@"`);
  script('npx', 'exec "$@"');
  script('some-program', `echo mbid-${documentedMbid}`);
  symlinkSync(await findTemporalCli(), join(programs, 'temporal'));
  // As in the clone: what comes with the program is found from its folder.
  symlinkSync(resolve(import.meta.dirname, '../../node_modules'), join(folder, 'node_modules'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return { folder, programs, remove: () => rmSync(folder, { recursive: true }) };
}

const files: Readonly<Record<string, Uint8Array | string>> = {
  'mbids.txt': `${documentedMbid}\n`,
  // The entity of review 17, as seed.ts has it.
  'finished.txt': '1d3a4c3e-5b0a-4d7e-9a3b-6f1c2d3e4f17\n',
  'list.txt': `mbid-${documentedMbid}\n`,
  'bad_items.csv': `mbid,Item::Index\n${documentedMbid},1\n`,
  'results_cache.gz': gzipSync(`${documentedMbid}\tItem::Index\tPASSED\n`),
  darkened_items: `${documentedMbid}\n`,
  [`dumps/mbid-${documentedMbid}.json`]: JSON.stringify({
    metadata: { identifier: `mbid-${documentedMbid}`, mediatype: 'image', collection: 'coverartarchive' },
    files: [],
  }),
};
