import { StringDecoder } from 'node:string_decoder';
import type { LineReading } from '../../domain/imports/line-reading.ts';
import type { Batcher, ReadBatch } from './batcher.ts';
import { CutShortError, type Input } from './open-input.ts';
import type { FileTally } from './tally.ts';

/** A line without its end; or, of one that is longer than any of ours could be, its beginning. */
type Line = string | { readonly tooLong: string };

/** The longest line that is read, in characters; a header of bad_items.csv has some thousands. */
export const longestLine = 256 * 1024;

const excerpt = 80;

/**
 * Splits content into lines, those of each piece at once. A line that is too long is given as such and then passed over,
 * so that memory stays the same however long it is. The last line needs no end; but where the content breaks off with an
 * error, half a line is none.
 */
export async function* readLines(content: AsyncIterable<Buffer>): AsyncGenerator<readonly Line[]> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let isPassingOver = false;
  for await (const piece of content) {
    const text = decoder.write(piece);
    const ends = text.indexOf('\n');
    if (ends < 0 && isPassingOver) continue;
    const lines: Line[] = [];
    let start = 0;
    for (let end = ends; end >= 0; end = text.indexOf('\n', start)) {
      if (isPassingOver) isPassingOver = false;
      else lines.push(start === 0 ? rest + text.slice(0, end) : text.slice(start, end));
      rest = '';
      start = end + 1;
    }
    rest += text.slice(start);
    if (rest.length > longestLine) {
      lines.push({ tooLong: rest.slice(0, excerpt) });
      isPassingOver = true;
      rest = '';
    }
    if (lines.length > 0) yield lines;
  }
  rest += decoder.end();
  if (rest !== '' && !isPassingOver) yield [rest];
}

/** How a file's lines are read, once its first ones are known. */
export interface TextForm {
  readonly form: string;
  /** @throws {RefusedFileError} where the file is not what it seemed to be */
  readonly read: (line: string) => LineReading | null;
}

/** A file of which nothing is taken, as it is not what it should be. */
export class RefusedFileError extends Error {
  override readonly name = 'RefusedFileError';
}

/** Lines by which a file is recognised, at most. */
const recognisableWithin = 100;

/**
 * Reads a text file line by line, in constant memory. What can't be read is counted with its number; where the file is
 * cut short, all whole lines before that count.
 *
 * @param recognise the form that the first lines show; null where more of them are needed.
 */
export async function* readText(
  input: Input,
  {
    batcher,
    tally,
    recognise,
  }: {
    batcher: Batcher;
    tally: FileTally;
    recognise: (lines: readonly string[]) => TextForm | null;
  },
): AsyncGenerator<ReadBatch> {
  let form: TextForm | null = null;
  let waiting: Line[] = [];
  let number = 0;

  function* takeAll(lines: readonly Line[], { read }: TextForm): Generator<ReadBatch> {
    for (const line of lines) {
      number += 1;
      const at = number;
      const where = (): string => `line ${at}`;
      if (typeof line !== 'string') {
        const reading = { kind: 'unreadable', reason: 'longer than any line of ours' } as const;
        if (batcher.take(tally, reading, { where, text: line.tooLong })) yield batcher.cut();
        continue;
      }
      const text = tidy(line, number === 1, tally);
      if (batcher.take(tally, text.trim() === '' ? null : read(text), { where, text })) yield batcher.cut();
    }
  }

  try {
    for await (const lines of readLines(input.content())) {
      if (form === null) {
        waiting = waiting.concat(lines);
        form = recogniseIn(waiting, recognise);
        if (form === null && waiting.length < recognisableWithin) continue;
        if (form === null) throw new RefusedFileError('none of its first lines has a form that is known');
        tally.form = form.form;
        yield* takeAll(waiting.splice(0), form);
      } else yield* takeAll(lines, form);
    }
    if (waiting.some((line) => typeof line !== 'string' || line.trim() !== '')) {
      throw new RefusedFileError('none of its lines has a form that is known');
    }
  } catch (error) {
    if (error instanceof CutShortError) {
      const reason = `${error.message} after line ${number}; what was whole is taken`;
      tally.trouble = { kind: 'cut_short', reason };
    } else if (error instanceof RefusedFileError) tally.trouble = { kind: 'refused', reason: error.message };
    else throw error;
  }
}

function recogniseIn(
  lines: readonly Line[],
  recognise: (lines: readonly string[]) => TextForm | null,
): TextForm | null {
  const texts = lines.filter((line) => typeof line === 'string');
  return recognise(texts.map((line) => line.replace(/^\uFEFF/, '').replace(/\r$/, '')).filter((line) => line !== ''));
}

/** A line without what other systems put around it. */
function tidy(line: string, isFirst: boolean, tally: FileTally): string {
  let text = line;
  if (isFirst && text.startsWith('\uFEFF')) {
    tally.hasByteOrderMark = true;
    text = text.slice(1);
  }
  if (text.endsWith('\r')) {
    tally.crlf += 1;
    text = text.slice(0, -1);
  }
  return text;
}
