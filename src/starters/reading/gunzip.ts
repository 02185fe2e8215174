import { createGunzip } from 'node:zlib';

/** Gzip that ends before its end, or is damaged. All that could be unpacked before was given already. */
export class CutShortError extends Error {
  override readonly name = 'CutShortError';
}

export function isGzip(head: Buffer): boolean {
  return head.length >= 2 && head[0] === 0x1f && head[1] === 0x8b;
}

/**
 * Unpacks piece by piece, several gzip members in a row included. Unlike a stream's own iterator, which drops what it
 * holds as soon as there is an error, it gives everything that was whole first.
 *
 * @throws {CutShortError} at the end of what could be unpacked.
 */
export async function* gunzipChunks(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
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
