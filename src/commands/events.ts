import type { Command } from 'commander';
import type { Queryable } from '../database/connection.ts';
import { eventList, type ListedEvent } from '../database/queue/list-events.ts';
import { addReasonKinds, countReasonKinds, type ReasonKindCount } from '../database/queue/counts.ts';
import { readReason } from '../domain/queue/failure-reason.ts';
import { printJson, printLines } from '../terminal/terminal.ts';
import { describeMessage } from '../wording/events.ts';
import { oneLine, quotedName } from '../wording/text.ts';
import { agoInWords } from '../wording/time.ts';
import { configOf, withDatabase } from './database.ts';
import { addListCommand } from './list-command.ts';
import { addNamed } from './subcommands.ts';

export async function addEvents(program: Command, named: readonly string[]): Promise<void> {
  const events = program
    .command('events')
    .description(
      'Indexer events: the rows of artwork_indexer.event_queue, whichever daemon works on them. What changes anything is ' +
        'recorded with who did it.',
    )
    .helpCommand(false);
  await addNamed(events, named, [
    { names: ['list', 'reasons'], load: () => Promise.resolve([addList, addReasons]) },
    { names: ['show'], load: async () => [(await import('./events/show.ts')).addShow] },
    {
      names: ['requeue', 'dismiss', 'withdraw'],
      load: async () => {
        const { addDismiss, addRequeue, addWithdraw } = await import('./events/requeue-dismiss.ts');
        return [addRequeue, addDismiss, addWithdraw];
      },
    },
    {
      names: ['pause', 'resume'],
      load: async () => {
        const { addPause, addResume } = await import('./events/pause.ts');
        return [addPause, addResume];
      },
    },
  ]);
}

function addList(events: Command): void {
  addListCommand(events, eventList, listedInWords, {});
}

/** Events of a list as a person reads them, one a line. */
function listedInWords(events: readonly ListedEvent[]): readonly string[] {
  const cells = events.map((event) => [
    String(event.id),
    event.dismissed ? 'dismissed' : event.state,
    `${event.attempts}×`,
    agoInWords(event.created),
    `${event.entityType} ${event.action} ${describeMessage(event.message)}${quotedName(event.name)}`,
  ]);
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(0, ...cells.map((row) => row[column]!.length)));
  return events.map(({ lastReason }, row) => {
    const columns = cells[row]!.map((cell, column) =>
      column === 0 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
    );
    return [...columns, lastReason === null ? '' : inOneLine(lastReason)].join('  ').trimEnd();
  });
}

/** A reason with what happened first, as a line may be cut. */
function inOneLine(reason: string): string {
  const { what, where } = readReason(reason);
  return oneLine(where === null ? what : `${what} (${where})`);
}

function addReasons(events: Command): void {
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
      else printLines(kindsInWords(kinds));
    });
}

/** Failed events that a statement reads. */
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

function kindsInWords(kinds: readonly ReasonKindCount[]): readonly string[] {
  const cells = kinds.map(({ count, action }) => [count.toLocaleString('en'), action] as const);
  const width = (column: 0 | 1): number => Math.max(...cells.map((row) => row[column].length));
  return kinds.map(({ kind, newest }, row) => {
    const [count, action] = cells[row]!;
    return `${count.padStart(width(0))}  ${action.padEnd(width(1))}  ${oneLine(kind)}  (the newest is event ${newest})`;
  });
}
