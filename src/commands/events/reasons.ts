import type { Command } from 'commander';
import type { Queryable } from '../../database/connection.ts';
import { addReasonKinds, countReasonKinds, type ReasonKindCount } from '../../database/queue/reason-kinds.ts';
import { printJson, printLines } from '../../terminal/terminal.ts';
import { oneLine } from '../../wording/text.ts';
import { configOf, withDatabase } from '../database.ts';

export function addReasons(events: Command): void {
  events
    .command('reasons')
    .summary('count failed events by why they failed')
    .description(
      'Counts the failed events that nobody has dismissed by action and by the kind of reason why they failed last, the ' +
        'most common first: what differs only by numbers, names and moments is one kind. `--action` and `--alike` of the ' +
        'other commands choose the events of one.',
    )
    .option('--json', 'print one JSON object a line')
    .action(async ({ json }: { json?: boolean }, command: Command) => {
      const kinds = await withDatabase(configOf(command).database, countAll);
      if (json) printJson(kinds);
      else if (kinds.length === 0) printLines(['There are none'], process.stderr);
      else printLines(inWords(kinds));
    });
}

/** Failed events that a statement looks at. */
const looked = 10_000;

async function countAll(q: Queryable): Promise<readonly ReasonKindCount[]> {
  let kinds: readonly ReasonKindCount[] = [];
  let before: number | null = null;
  do {
    const page: Awaited<ReturnType<typeof countReasonKinds>> = await countReasonKinds(q, { before, limit: looked });
    kinds = addReasonKinds(kinds, page.kinds);
    before = page.next;
  } while (before !== null);
  return kinds;
}

function inWords(kinds: readonly ReasonKindCount[]): readonly string[] {
  const cells = kinds.map(({ count, action }) => [count.toLocaleString('en'), action] as const);
  const width = (column: 0 | 1): number => Math.max(...cells.map((row) => row[column].length));
  return kinds.map(({ kind, newest }, row) => {
    const [count, action] = cells[row]!;
    return `${count.padStart(width(0))}  ${action.padEnd(width(1))}  ${oneLine(kind)}  (the newest is event ${newest})`;
  });
}
