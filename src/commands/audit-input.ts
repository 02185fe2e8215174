import { readKinds } from '../database/musicbrainz/entity-kinds.ts';
import type { Queryable } from '../database/connection.ts';
import type { EntityKey } from '../domain/entity.ts';
import { type NamedEntity, parseNamed } from '../domain/named-entity.ts';

/**
 * What was named on the command line; `-` stands for the lines of standard input, as many at once as have come.
 *
 * @param stopped ends it, also while standard input has nothing to give.
 */
export async function* batchesOf(texts: readonly string[], stopped: AbortSignal): AsyncIterable<readonly string[]> {
  for (const text of texts) {
    if (stopped.aborted) return;
    if (text === '-') yield* linesOfStandardInput(stopped);
    else yield [text];
  }
}

async function* linesOfStandardInput(stopped: AbortSignal): AsyncIterable<readonly string[]> {
  let rest = '';
  const { stdin } = process;
  stopped.addEventListener('abort', () => stdin.destroy());
  try {
    for await (const chunk of stdin.setEncoding('utf8') as AsyncIterable<string>) {
      const lines = `${rest}${chunk}`.split(/\r?\n/);
      rest = lines.pop() ?? '';
      yield lines.filter(isNamed);
    }
    yield [rest].filter(isNamed);
  } catch (error) {
    if (!stopped.aborted) throw error;
  }
}

function isNamed(line: string): boolean {
  return line.trim() !== '';
}

/** Which entities are meant. One statement for all of them; what names none is passed over. */
export async function keysOf(q: Queryable, texts: readonly string[]): Promise<(named: NamedEntity) => EntityKey> {
  const gids = texts.flatMap((text) => {
    const named = parseNamed(text);
    return named.kind === 'named' ? [named.gid] : [];
  });
  const kinds = await readKinds(q, gids);
  return (each) => kinds.keyOf(each);
}
