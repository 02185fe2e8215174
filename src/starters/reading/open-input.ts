import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { createGunzip } from 'node:zlib';

/** Gzip that ends before its end, or is damaged. All that could be unpacked before was given already. */
export class CutShortError extends Error {
  override readonly name = 'CutShortError';
}

function isGzip(head: Buffer): boolean {
  return head.length >= 2 && head[0] === 0x1f && head[1] === 0x8b;
}

/**
 * Unpacks piece by piece, also of several consecutive gzip members. Unlike a stream's own iterator, which drops what it
 * holds as soon as there is an error, it gives everything that was whole first.
 *
 * @throws {CutShortError} at the end of what could be unpacked.
 */
async function* gunzipChunks(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip();
  const unpacked: Buffer[] = [];
  let failure: Error | undefined;
  gunzip.on('data', (data: Buffer) => unpacked.push(data));
  gunzip.on('error', (error) => (failure = error));
  const closed = new Promise<void>((resolve) => gunzip.once('close', resolve));
  try {
    for await (const chunk of chunks) {
      await Promise.race([closed, new Promise((resolve) => gunzip.write(chunk, resolve))]);
      yield* unpacked.splice(0);
      if (failure !== undefined) throw cutShort(failure);
    }
    gunzip.end();
    await closed;
    yield* unpacked.splice(0);
    if (failure !== undefined) throw cutShort(failure);
  } finally {
    gunzip.destroy();
  }
}

function cutShort(error: Error): CutShortError {
  return new CutShortError(`gzip is cut short or damaged (${error.message})`, { cause: error });
}

/** A file, or standard input, that is read from its beginning once. */
export interface Input {
  /** As it is named to operators. */
  readonly name: string;
  /** The name without folder and `.gz`. */
  readonly baseName: string;
  /** Its first bytes as they are stored: by these an import that was begun before is known again. */
  readonly head: Buffer;
  /** Bytes as they are stored; null where it is unknown (standard input). */
  readonly size: number | null;
  /** How many of these were read so far. */
  bytesRead(): number;
  /** The content, unpacked where it is gzip. @throws {CutShortError} where gzip ends too early, after all that was whole. */
  content(): AsyncGenerator<Buffer>;
}

/** The beginning that tells one input from another; no more, so that one that is cut short is known again. Bytes. */
const headBytes = 4 * 1024;

/** A piece that is read at once: what it unpacks to is in memory, up to a thousand times as much. Bytes. */
const pieceBytes = 16 * 1024;

/** A file can't be read at all. */
export class UnreadableInputError extends Error {
  override readonly name = 'UnreadableInputError';
}

/** @throws {UnreadableInputError} before anything is read where the file is not there or may not be read */
export async function openFile(path: string): Promise<Input> {
  try {
    const { size } = await stat(path);
    const head = await readHead(path);
    return inputOf(path, { head, size }, () => createReadStream(path, { highWaterMark: pieceBytes }));
  } catch (error) {
    throw new UnreadableInputError(`${path} can't be read: ${(error as Error).message}; nothing was changed`, {
      cause: error,
    });
  }
}

/** Standard input: its first bytes are read at once, to know again what was begun. */
export async function openStandardInput(stream: NodeJS.ReadableStream): Promise<Input> {
  const iterator = stream[Symbol.asyncIterator]();
  const first: Buffer[] = [];
  let length = 0;
  while (length < headBytes) {
    const next = await iterator.next();
    if (next.done) break;
    const chunk = Buffer.from(next.value);
    first.push(chunk);
    length += chunk.length;
  }
  async function* all(): AsyncGenerator<Buffer> {
    yield* first.splice(0);
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield Buffer.from(next.value);
  }
  const head = Buffer.concat(first).subarray(0, headBytes);
  return inputOf('standard input', { head, size: null }, all);
}

function inputOf(
  name: string,
  { head, size }: { head: Buffer; size: number | null },
  stored: () => AsyncIterable<Buffer>,
): Input {
  let bytesRead = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of stored()) {
      bytesRead += chunk.length;
      yield* pieces(chunk);
    }
  }
  return {
    name,
    baseName: basename(name).replace(/\.gz$/i, ''),
    head,
    size,
    bytesRead: () => bytesRead,
    content: () => {
      bytesRead = 0;
      return isGzip(head) ? gunzipChunks(counted()) : counted();
    },
  };
}

function* pieces(chunk: Buffer): Generator<Buffer> {
  for (let start = 0; start < chunk.length; start += pieceBytes) yield chunk.subarray(start, start + pieceBytes);
}

async function readHead(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const head = Buffer.alloc(headBytes);
    let length = 0;
    for (;;) {
      const { bytesRead } = await file.read(head, length, headBytes - length, null);
      length += bytesRead;
      if (bytesRead === 0 || length === headBytes) return head.subarray(0, length);
    }
  } finally {
    await file.close();
  }
}
