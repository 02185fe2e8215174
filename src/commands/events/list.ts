import type { Command } from 'commander';
import { eventList, type ListedEvent } from '../../database/queue/list-events.ts';
import { readReason } from '../../domain/queue/failure-reason.ts';
import { describeMessage } from '../../wording/events.ts';
import { nameInWords } from '../../wording/names.ts';
import { oneLine } from '../../wording/text.ts';
import { toSeconds } from '../../wording/time.ts';
import { addListCommand } from '../list-command.ts';

export function addList(events: Command): void {
  addListCommand(events, eventList, listedInWords, {});
}

/** Events of a list as a person reads them, one a line. */
function listedInWords(events: readonly ListedEvent[]): readonly string[] {
  const cells = events.map((event) => [
    String(event.id),
    event.dismissed ? 'dismissed' : event.state,
    `${event.attempts}×`,
    toSeconds(event.created),
    `${event.entityType} ${event.action} ${describeMessage(event.message)}${event.name ? ` “${oneLine(nameInWords(event.name))}”` : ''}`,
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
