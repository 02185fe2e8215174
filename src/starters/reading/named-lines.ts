import { type NamedLine, openNamedLines } from '../../domain/imports/named-lines.ts';
import { flat } from './tally.ts';
import { readLines } from './read-text.ts';

/** What a stream gives, as `readNamedLines` takes it. */
export async function* buffersOf(
  stream: AsyncIterable<Buffer | string> | Iterable<Buffer | string>,
): AsyncGenerator<Buffer> {
  for await (const piece of stream) yield Buffer.from(piece);
}

/** Of a line's text, what is kept to name it by. */
const excerpt = 200;

/**
 * The lines of a list of entities, as many at once as have come: in constant memory, however many there are. Blank ones
 * and heads are left out, and keep their number.
 */
export async function* readNamedLines(content: AsyncIterable<Buffer>): AsyncGenerator<readonly NamedLine[]> {
  const read = openNamedLines();
  let number = 0;
  for await (const lines of readLines(content)) {
    const batch: NamedLine[] = [];
    for (const line of lines) {
      number += 1;
      if (typeof line !== 'string') {
        const reading = { kind: 'refused', reason: 'it is longer than any line of ours' } as const;
        batch.push({ line: number, text: line.tooLong, reading });
        continue;
      }
      const reading = read(number === 1 ? line.replace(/^\uFEFF/, '') : line);
      if (reading !== null) batch.push({ line: number, text: flat(line.trim().slice(0, excerpt)), reading });
    }
    yield batch;
  }
}
