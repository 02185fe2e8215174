import { StringDecoder } from 'node:string_decoder';

/** A line without its end; or, of one that is longer than any of ours could be, its beginning. */
export type Line = string | { readonly tooLong: string };

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
