import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readMbid } from '../../domain/imports/line-reading.ts';
import type { LineReading } from '../../domain/line-reading.ts';
import { maxMetadataBytes, parseMetadata } from '../../domain/documents/metadata.ts';
import { priorities } from '../../domain/priorities.ts';
import { suspicionOf } from '../../domain/decision/suspicion.ts';
import { UnreadableAnswerError } from '../../domain/unreadable-answer.ts';
import type { Batcher, ReadBatch } from './batcher.ts';
import { type Input, openFile } from './open-input.ts';
import type { FileTally } from './tally.ts';

const dumpName = /\.json(\.gz)?$/i;

/** Whether a file's name says that it holds the archive's metadata answer on one item. */
export function isDump(path: string): boolean {
  return dumpName.test(path);
}

export const dumpForm = 'metadata: one metadata answer of the archive a file';

/** The dumps below a folder, by name: in the same order each time, so that an import can go on. */
export async function* findDumps(folder: string): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true });
  entries.sort((one, other) => (one.name < other.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* findDumps(path);
    else if (isDump(entry.name)) yield path;
  }
}

/** Reads the dumps of a list of paths as one file's records. */
export async function* readDumps(
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
  if (item.kind === 'missing') throw new UnreadableAnswerError('the answer is empty: nothing can be told of the item');
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
