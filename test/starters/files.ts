import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';
import type { ReadBatch } from '../../src/starters/reading/batcher.ts';
import { type ImportSource, openImportSource } from '../../src/starters/reading/import-source.ts';
import type { ImportKind } from '../../src/temporal/messages.ts';

/** The n-th of a test's MBIDs; the hash table must not mind that they differ in their last digits only. */
export function gidOf(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
}

/** A folder with files, gone when the test ends; returns the paths in the same order. */
export function filesOf(files: Readonly<Record<string, Uint8Array | string>>): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'ar-import-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return Object.entries(files).map(([name, content]) => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  });
}

export function sourceOf(kind: ImportKind, paths: readonly string[], input = ''): Promise<ImportSource> {
  return openImportSource(kind, paths, Readable.from([Buffer.from(input)]));
}

export interface WholeReading {
  readonly source: ImportSource;
  readonly batches: readonly ReadBatch[];
  /** `{gid} {priority}` of each, in order. */
  readonly named: readonly string[];
  readonly leftOut: readonly string[];
}

/** All that an import would hand over. */
export async function readAll(source: ImportSource, boundary = 0): Promise<WholeReading> {
  const leftOut: string[] = [];
  const batches: ReadBatch[] = [];
  const options = {
    boundary,
    onLeftOut: ({ where, kind }: { where: string; kind: string }) => void leftOut.push(`${where}: ${kind}`),
  };
  for await (const batch of source.read(options)) batches.push(batch);
  const named = batches.flatMap(({ entities }) =>
    entities.flatMap(({ priority, gids }) => gids.map((gid) => `${gid} ${priority}`)),
  );
  return { source, batches, named, leftOut };
}
