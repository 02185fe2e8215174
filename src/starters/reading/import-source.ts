import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { ImportKind } from '../../activities/import.ts';
import { readItemLine } from '../../domain/item-list.ts';
import { priorities } from '../../domain/priorities.ts';
import { Batcher, type BatcherOptions, type ReadBatch } from './batcher.ts';
import { type Input, openFile, openStandardInput, UnreadableInputError } from './open-input.ts';
import { readAudit2021 } from './read-audit-2021.ts';
import { dumpForm, findDumps, isDump, readDumps } from './read-dumps.ts';
import { readText } from './read-text.ts';
import { type FileTally, newTally } from './tally.ts';

/** What one import reads, one file after the other. */
export interface ImportSource {
  readonly kind: ImportKind;
  /** For operators: the names of its files. */
  readonly name: string;
  /** The same for the same beginnings of the same files: whoever imports them again goes on with what was begun. */
  readonly id: string;
  /** Whether it can be read from its beginning once more. */
  readonly canReadAgain: boolean;
  /** What was read so far, a tally a file. */
  tallies(): readonly FileTally[];
  /** Entities that were named so far, each once. */
  entities(): number;
  /** How much of it is read, 0 … 1; null where that can't be told. */
  share(): number | null;
  /** Reads all of it from its beginning. */
  read(options: BatcherOptions): AsyncGenerator<ReadBatch>;
}

type Part =
  | { readonly kind: 'text'; readonly input: Input }
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'dumps'; readonly paths: string[] };

/**
 * Looks at what is to be imported. `-` is standard input.
 *
 * @throws {UnreadableInputError} where something of it is not there; nothing was imported then
 */
export async function openImportSource(
  kind: ImportKind,
  names: readonly string[],
  standardInput: NodeJS.ReadableStream,
): Promise<ImportSource> {
  const parts = await openParts(kind, names, standardInput);
  let tallies: FileTally[] = [];
  let batcher: Batcher | null = null;

  function readPart(part: Part, into: Batcher): AsyncGenerator<ReadBatch> {
    const tally = newTally(nameOf(part));
    tallies.push(tally);
    if (part.kind !== 'text') {
      const paths = part.kind === 'folder' ? findDumps(part.path) : part.paths;
      return readDumps(paths, { batcher: into, tally });
    }
    if (kind === 'img-129') return readAudit2021(part.input, into, tally);
    const form = { form: 'identifiers: `mbid-{mbid}` a line', read: readUsual };
    return readText(part.input, { batcher: into, tally, recognise: () => form });
  }
  const readUsual = (line: string) => readItemLine(line, priorities.usual);

  return {
    kind,
    name: parts.map(nameOf).join(', '),
    id: idOf(parts),
    canReadAgain: !names.includes('-'),
    tallies: () => tallies,
    entities: () => batcher?.entities ?? 0,
    share: () => shareOf(parts),
    async *read(options) {
      tallies = [];
      batcher = new Batcher(options);
      for (const part of parts) yield* readPart(part, batcher);
      yield batcher.cut();
    },
  };
}

async function openParts(
  kind: ImportKind,
  names: readonly string[],
  standardInput: NodeJS.ReadableStream,
): Promise<readonly Part[]> {
  const parts: Part[] = [];
  for (const name of names) {
    if (name === '-') parts.push({ kind: 'text', input: await openStandardInput(standardInput) });
    else if (kind === 'items' && (await isFolder(name))) parts.push({ kind: 'folder', path: name });
    else if (kind === 'items' && isDump(name)) {
      const last = parts.at(-1);
      if (last?.kind === 'dumps') last.paths.push(name);
      else parts.push({ kind: 'dumps', paths: [name] });
    } else parts.push({ kind: 'text', input: await openFile(name) });
  }
  return parts;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    throw new UnreadableInputError(`${path} can't be read: ${(error as Error).message}; nothing was imported`, {
      cause: error,
    });
  }
}

function nameOf(part: Part): string {
  if (part.kind === 'text') return part.input.name;
  if (part.kind === 'folder') return part.path;
  return part.paths.length === 1 ? (part.paths[0] ?? dumpForm) : `${part.paths.length} dumps`;
}

function idOf(parts: readonly Part[]): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    if (part.kind === 'text') hash.update(part.input.baseName).update('\0').update(part.input.head);
    else for (const path of part.kind === 'folder' ? [part.path] : part.paths) hash.update(`${resolve(path)}\0`);
  }
  const first = parts[0];
  const label = first?.kind === 'text' ? first.input.baseName : basename(first === undefined ? '' : nameOf(first));
  return `${label.replace(/[^\w.-]+/g, '_').slice(0, 60)}-${hash.digest('hex').slice(0, 12)}`;
}

/** By bytes of files; of folders and of standard input the size isn't known. */
function shareOf(parts: readonly Part[]): number | null {
  let read = 0;
  let size = 0;
  for (const part of parts) {
    if (part.kind !== 'text' || part.input.size === null) return null;
    read += part.input.bytesRead();
    size += part.input.size;
  }
  return size === 0 ? null : Math.min(1, read / size);
}
