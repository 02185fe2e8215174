import type { Queryable } from '../database/connection.ts';
import { itemName } from '../domain/documents/file-names.ts';
import type { DriftCase } from '../simulator/drift/drift-kind.ts';
import { type Faults, unpleasantFaults } from '../simulator/simulator.ts';

/**
 * What stops everybody for five seconds or more, which is the least that a Retry-After is obeyed: as often as on a bad
 * day it would take most of a demo's time.
 */
const rarerPauses: Partial<Faults> = { wsUnavailable: 0.01, serviceUnavailable: 0.005, slowDownSeconds: 2 };

/** What goes wrong in a demo with `--faults`, beside what the archive does by chance. */
export interface Mishaps {
  readonly faults: Partial<Faults>;
  /** Says which entities were chosen for what. */
  readonly lines: readonly string[];
  /** To be called again and again: deletes the row of a queued event, once, as an operator's SQL might. */
  meddle(db: Queryable): Promise<string | null>;
}

/**
 * Chooses among the entities that need repairs: the first event of one is refused for a whole attempt, the item of
 * another never settles after it was written to, and of a third a queued event's row vanishes.
 */
export function planMishaps(cases: readonly DriftCase[]): Mishaps {
  const [refused, stuck, robbed] = cases.filter(({ outcome }) => outcome === 'repaired');
  let vanished = robbed === undefined;
  return {
    faults: {
      ...unpleasantFaults(),
      ...rarerPauses,
      ...(refused && { accessDenied: { items: [itemName(refused.gid)], next: 1 } }),
      ...(stuck && { taskStuck: [itemName(stuck.gid)] }),
    },
    lines: [
      ...(refused ? [`${refused.entityType} ${refused.gid}: its first event is refused, and uses up an attempt`] : []),
      ...(stuck ? [`${stuck.entityType} ${stuck.gid}: the archive never applies what is written to it`] : []),
      ...(robbed ? [`${robbed.entityType} ${robbed.gid}: the row of a queued event vanishes`] : []),
    ],
    async meddle(db) {
      if (vanished || robbed === undefined) return null;
      const { rows } = await db.query<{ id: number }>(
        `delete from artwork_indexer.event_queue
         where id = (select id from artwork_indexer.event_queue
                     where state = 'queued' and message->>'gid' = $1 order by id desc limit 1 for update skip locked)
         returning id`,
        [robbed.gid],
      );
      if (rows[0] === undefined) return null;
      vanished = true;
      return `event ${rows[0].id} of ${robbed.gid} was queued, and its row is gone`;
    },
  };
}
