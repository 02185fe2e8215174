import { countByStatus } from '../database/audit-queries/index.ts';
import type { Queryable } from '../database/connection.ts';

/** Between two plain lines, where there is no terminal. Milliseconds. */
const plainInterval = 5_000;

/** Shows how far the demo is: one line that changes on a terminal, else a plain line now and then. */
export interface Progress {
  show(line: string): void;
  /** A line that stays. */
  say(line: string): void;
  end(): void;
}

export function openProgress(stream: NodeJS.WriteStream): Progress {
  let shown = '';
  let shownAt = 0;
  const clear = stream.isTTY ? '\r\u001b[K' : '';
  return {
    show(line) {
      if (line === shown || (!stream.isTTY && Date.now() - shownAt < plainInterval)) return;
      shown = line;
      shownAt = Date.now();
      stream.write(stream.isTTY ? `${clear}${line.slice(0, (stream.columns || 80) - 1)}` : `${line}\n`);
    },
    say(line) {
      stream.write(`${clear}${line}\n`);
      if (stream.isTTY) stream.write(shown.slice(0, (stream.columns || 80) - 1));
    },
    end() {
      if (stream.isTTY && shown !== '') stream.write('\n');
      shown = '';
    },
  };
}

/** Where all entities and events are now, in a line. */
export async function progressLine(db: Queryable): Promise<string> {
  const status = await countByStatus(db);
  const { rows } = await db.query<{ state: string; count: number }>(
    `select state::text, count(*) from artwork_indexer.event_queue group by state`,
  );
  const events = Object.fromEntries(rows.map(({ state, count }) => [state, count]));
  const final = status.clean + status.manual_review + status.legacy;
  const total = final + status.unchecked + status.audit_in_progress + status.repair_queue;
  return (
    `${final}/${total} settled: ${status.clean} clean, ${status.manual_review} in review, ${status.legacy} legacy; ` +
    `${status.audit_in_progress} in progress, ${status.repair_queue} under repair, ${status.unchecked} waiting; ` +
    `events: ${(events['queued'] ?? 0) + (events['running'] ?? 0)} open, ${events['completed'] ?? 0} completed, ${events['failed'] ?? 0} failed`
  );
}
