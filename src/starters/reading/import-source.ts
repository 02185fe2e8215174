import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { suspicionOf } from '../../domain/decision/suspicion.ts';
import { maxMetadataBytes, parseMetadata, UnreadableAnswerError } from '../../domain/documents/metadata.ts';
import {
  type Audit2021Form,
  formDescriptions,
  formOfLine,
  formOfName,
  openAudit2021Reader,
  WrongHeaderError,
} from '../../domain/imports/audit-2021-files.ts';
import { type LineReading, readItemLine, readMbid } from '../../domain/imports/line-reading.ts';
import { priorities } from '../../domain/priorities.ts';
import type { ImportKind } from '../../temporal/messages.ts';
import { Batcher, type BatcherOptions, type ReadBatch } from './batcher.ts';
import { type Input, openFile, openStandardInput, UnreadableInputError } from './open-input.ts';
import { readText, RefusedFileError, type TextForm } from './read-text.ts';
import { type FileTally, newTally } from './tally.ts';

const dumpName = /\.json(\.gz)?$/i;

/** Whether a file's name says that it holds the archive's metadata answer on one item. */
function isDump(path: string): boolean {
  return dumpName.test(path);
}

const dumpForm = 'metadata: one metadata answer of the archive a file';

/** The dumps below a folder, by name: in the same order each time, so that an import can continue. */
async function* findDumps(folder: string): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true });
  entries.sort((one, other) => (one.name < other.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* findDumps(path);
    else if (isDump(entry.name)) yield path;
  }
}

/** Reads the dumps of a list of paths as one file's records. */
async function* readDumps(
  paths: AsyncIterable<string> | Iterable<string>,
  { batcher, tally }: { batcher: Batcher; tally: FileTally },
): AsyncGenerator<ReadBatch> {
  tally.form = dumpForm;
  for await (const path of paths) {
    const { reading, reasons, text } = await readDump(path);
    if (reasons.length > 0) tally.suspicious += 1;
    if (batcher.take(tally, reading, { where: () => path, text })) yield batcher.cut();
  }
}

interface DumpReading {
  readonly reading: LineReading;
  readonly reasons: readonly string[];
  readonly text: string;
}

async function readDump(path: string): Promise<DumpReading> {
  let text = '';
  try {
    text = await readWhole(await openFile(path));
    return { ...judge(path, JSON.parse(text)), text };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { reading: { kind: 'unreadable', reason }, reasons: [], text };
  }
}

function judge(path: string, answer: unknown): Omit<DumpReading, 'text'> {
  const item = parseMetadata(answer);
  const inName = basename(path).replace(/(\.meta|_meta)?\.json(\.gz)?$/i, '');
  const identifier = (item.kind === 'present' ? item.metadata['identifier']?.[0] : undefined) ?? inName;
  const mbid = /^mbid-(.+)$/i.exec(identifier)?.[1] ?? '';
  const gid = readMbid(mbid);
  if (gid === null) {
    const reason = `${identifier.slice(0, 100)} is an item of another collection: expected mbid-{mbid}`;
    return { reading: { kind: 'refused', reason }, reasons: [] };
  }
  if (item.kind === 'missing') throw new UnreadableAnswerError('the answer is empty: the item cannot be judged');
  const { entityType, reasons } = suspicionOf(gid, item);
  const priority = reasons.length > 0 ? priorities.suspicious : priorities.usual;
  return { reading: { kind: 'named', gid, entityType, priority, wasUpperCase: gid !== mbid }, reasons };
}

async function readWhole(input: Input): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of input.content()) {
    length += piece.length;
    if (length > maxMetadataBytes) throw new Error(`longer than ${maxMetadataBytes} bytes: no metadata answer is`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** What one import reads, one file after the other. */
export interface ImportSource {
  readonly kind: ImportKind;
  /** For operators: the names of its files. */
  readonly name: string;
  /** The same for the same beginnings of the same files: whoever imports them again continues with what was begun. */
  readonly id: string;
  /** Whether it can be read from its beginning once more. */
  readonly canReadAgain: boolean;
  /** What was read so far, a tally a file. */
  tallies(): readonly FileTally[];
  /** Entities that were named so far, each once. */
  entities(): number;
  /** How much of it is read, 0 … 1; null where that is unknown. */
  share(): number | null;
  /** Reads all of it from its beginning. */
  read(options: BatcherOptions): AsyncGenerator<ReadBatch>;
}

type Part =
  | { readonly kind: 'text'; readonly input: Input }
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'dumps'; readonly paths: string[] };

/**
 * Inspects what is to be imported. `-` is standard input.
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
    throw new UnreadableInputError(`${path} can't be read: ${(error as Error).message}; nothing was changed`, {
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

/** Reads a file of the audit of 2021, recognised by its name or else by its first lines. */
function readAudit2021(input: Input, batcher: Batcher, tally: FileTally): AsyncGenerator<ReadBatch> {
  const named = formOfName(input.baseName);
  const recognise = (lines: readonly string[]): TextForm | null => {
    if (named !== null) return textForm(named, input.baseName);
    const shown = lines.map(formOfLine).find((form) => form !== null);
    return shown === undefined ? null : textForm(shown, input.baseName);
  };
  return readText(input, { batcher, tally, recognise });
}

function textForm(form: Audit2021Form, baseName: string): TextForm {
  const readLine = openAudit2021Reader(form, baseName);
  return {
    form: `${form}: ${formDescriptions[form]}`,
    read: (line) => {
      try {
        return readLine(line);
      } catch (error) {
        if (error instanceof WrongHeaderError) throw new RefusedFileError(error.message);
        throw error;
      }
    },
  };
}
