import type { ListedEvent } from '../../database/event-queries/index.ts';
import { describeMessage } from '../../wording/event-message.ts';
import { toSeconds } from '../../wording/moment.ts';
import { oneLine } from '../../wording/one-line.ts';

/**
 * Events of a list as a person reads them, one a line.
 *
 * @param width of the terminal, where lines are cut; null where nothing is cut
 */
export function listedInWords(events: readonly ListedEvent[], width: number | null): readonly string[] {
  const cells = events.map((event) => [
    String(event.id),
    event.dismissed ? 'dismissed' : event.state,
    `${event.attempts}×`,
    toSeconds(event.created),
    `${event.entityType} ${event.action} ${describeMessage(event.message)}`,
  ]);
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(0, ...cells.map((row) => row[column]!.length)));
  return events.map(({ lastReason }, row) => {
    const columns = cells[row]!.map((cell, column) =>
      column === 0 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
    );
    const line = [...columns, oneLine(lastReason ?? '')].join('  ').trimEnd();
    return width === null ? line : [...line].slice(0, width).join('');
  });
}
