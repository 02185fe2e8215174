import { setTimeout as wait } from 'node:timers/promises';
import type { Database } from '../src/database/connection.ts';
import { isDatabaseAway } from '../src/database/database-away.ts';

/** Between two checks. Milliseconds. */
const checkEvery = 250;

interface Waiting {
  readonly pid: number;
  readonly since: string;
  readonly statement: string;
}

/**
 * Watches for sessions of MusicBrainz' that wait for a lock which one of ours has.
 *
 * @param longest seconds that they may: 2 by the life-cycles page, "Editors win", and the rest for a busy machine
 * @returns `end`, which says who waited for longer, a line each
 */
export function watchEditors(db: Database, longest = 5): { readonly end: () => Promise<readonly string[]> } {
  const seen = new Map<string, string>();
  const stop = new AbortController();
  const watching = (async () => {
    while (!stop.signal.aborted) {
      for (const { pid, since, statement } of await readWaiting(db, longest)) {
        seen.set(`${pid} ${since}`, `an editor waited for ours for more than ${longest} s: ${statement}`);
      }
      await wait(checkEvery, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  })();
  return {
    end: async () => {
      stop.abort();
      await watching;
      return [...seen.values()];
    },
  };
}

async function readWaiting(db: Database, longest: number): Promise<readonly Waiting[]> {
  try {
    const { rows } = await db.query<Waiting>(
      `select editor.pid, lock.waitstart::text as since, editor.query as statement
       from pg_locks lock join pg_stat_activity editor using (pid)
       where not lock.granted and editor.application_name = 'musicbrainz'
         and lock.waitstart < clock_timestamp() - make_interval(secs => $1)
         and exists (
           select from pg_stat_activity ours
           where ours.pid = any (pg_blocking_pids(editor.pid)) and ours.application_name like 'artwork-reconciler%')`,
      [longest],
    );
    return rows;
  } catch (error) {
    if (isDatabaseAway(error)) return [];
    throw error;
  }
}
