import type { Database } from '../../../src/database/connection.ts';
import { findDueEvents } from '../../../src/database/queue/due-events.ts';
import type { EntityType } from '../../../src/domain/entity.ts';
import { artTables } from '../../../src/simulator/musicbrainz/insert-images.ts';
import type { Random } from '../../../src/simulator/random.ts';

/** Who takes the events of the queue, and in which order. */
export type Taker =
  /** Our workers: what `findDueEvents` gives, any of them next. */
  | 'ours'
  /** Anybody who respects nothing but `depends_on`: the order of creation is lost by retries. */
  | 'parents only';

interface Row {
  readonly id: number;
  readonly action: string;
  readonly message: { readonly gid: string; readonly old_gid: string; readonly new_gid: string; artwork_id: number };
}

/** An archive as small as can be: which original is in which item, and what the index of each says. */
export class ArchiveModel {
  readonly #files = new Set<string>();
  readonly #indexes = new Map<string, readonly number[]>();
  readonly #db: Database;
  readonly #random: Random;
  readonly #entityType: EntityType;

  constructor(db: Database, random: Random, entityType: EntityType) {
    this.#db = db;
    this.#random = random;
    this.#entityType = entityType;
  }

  put(gid: string, artworkId: number): void {
    this.#files.add(`${gid}/${artworkId}`);
  }

  /** Uploads the index that MusicBrainz would have now. */
  async putIndex(gid: string): Promise<void> {
    this.#indexes.set(gid, await this.listed(gid));
  }

  /** Items that hold an original of this image. */
  holders(artworkId: number): string[] {
    return [...this.#files].filter((file) => file.endsWith(`/${artworkId}`)).map((file) => file.split('/')[0]!);
  }

  files(): string[] {
    return [...this.#files].sort();
  }

  /** What the index of an item lists; null without an index. */
  index(gid: string): readonly number[] | null {
    return this.#indexes.get(gid) ?? null;
  }

  /**
   * Lets somebody take one event, and carry it out, or fail at it before or after the request was applied: then it stays
   * queued. Returns what was done, or null where nothing can be taken.
   */
  async takeOne(taker: Taker, { mayFail }: { mayFail: boolean }): Promise<string | null> {
    const takeable = await this.#takeable(taker);
    if (takeable.length === 0) return null;
    const event = this.#random.pick(takeable);
    const luck = mayFail ? this.#random.next() : 1;
    if (luck > 0.2 && !(await this.#apply(event))) return this.#leave(event, 'refused');
    if (luck < 0.4) return this.#leave(event, luck > 0.2 ? 'applied, and failed' : 'failed');
    await this.#db.query(`update artwork_indexer.event_queue set state = 'completed' where id = $1`, [event.id]);
    return `${event.id} ${event.action} completed`;
  }

  async #takeable(taker: Taker): Promise<readonly Row[]> {
    if (taker === 'ours') {
      const due = await findDueEvents(this.#db, 50, { events: { attemptDelaySeconds: 0, foreignRunningMinutes: 15 } });
      return this.#rows(`id = any ($1::bigint[])`, [due.map(({ id }) => id)]);
    }
    return this.#rows(
      `state = 'queued' and not exists (
         select from artwork_indexer.event_queue parent
         where parent.id = any (event_queue.depends_on) and parent.state <> 'completed'
       )`,
      [],
    );
  }

  async #rows(condition: string, values: readonly unknown[]): Promise<readonly Row[]> {
    const { rows } = await this.#db.query<Row>(
      `select id, action::text, message from artwork_indexer.event_queue where ${condition} order by id`,
      values,
    );
    return rows;
  }

  /** Counts the attempt, but never to the fifth: what has failed for good is another story. */
  async #leave({ id, action }: Row, how: string): Promise<string> {
    await this.#db.query(`update artwork_indexer.event_queue set attempts = least(attempts + 1, 3) where id = $1`, [
      id,
    ]);
    return `${id} ${action} ${how}`;
  }

  /** False where the archive would refuse: a copy of what isn't there. */
  async #apply({ action, message }: Row): Promise<boolean> {
    const { gid, old_gid: from, new_gid: to, artwork_id: artworkId } = message;
    switch (action) {
      case 'copy_image':
        if (!this.#files.has(`${from}/${artworkId}`)) return false;
        this.put(to, artworkId);
        return true;
      case 'delete_image':
        this.#files.delete(`${gid}/${artworkId}`);
        return true;
      case 'deindex':
        this.#indexes.delete(gid);
        return true;
      default:
        await this.putIndex(gid);
        return true;
    }
  }

  /** The images that MusicBrainz lists for an entity. */
  async listed(gid: string): Promise<number[]> {
    const { art, entity, owner } = artTables[this.#entityType];
    const { rows } = await this.#db.query<{ id: number }>(
      `select art.id from ${art} art join ${entity} entity on entity.id = art.${owner} where entity.gid = $1 order by 1`,
      [gid],
    );
    return rows.map(({ id }) => id);
  }
}
