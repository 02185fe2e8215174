import { beforeAll, beforeEach } from 'vitest';
import type { Database } from '../../../src/database/connection.ts';
import { installTriggers } from '../../../src/database/schema/triggers.ts';
import type { EntityType } from '../../../src/domain/entity.ts';
import { addEntity } from '../../../src/simulator/musicbrainz/builders.ts';
import type { StoredEntity } from '../../../src/simulator/musicbrainz/specs.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

/** MusicBrainz' tables with our triggers on them, and the queue that these fill. */
export interface MusicbrainzWithTriggers {
  readonly db: Database;
  readonly url: string;
  /** Entities with images of these ids, by the letters that the queue's rows are read with. The queue is empty after it. */
  readonly make: (entityType: EntityType, entities: Readonly<Record<string, readonly number[]>>) => Promise<Made>;
  /**
   * The queue, a line a row in the order of the ids, entities by their letters: `1: copy_image 7 A→B`,
   * `2: delete_image 7 A after 1`. Rows are numbered from 1, those that are not queued in brackets with their state.
   */
  readonly queue: () => Promise<string[]>;
  /** Runs SQL on the rows that `queue()` gives these numbers. */
  readonly set: (numbers: readonly number[], assignments: string) => Promise<void>;
}

export type Made = Readonly<Record<string, StoredEntity>>;

/** To be called once in a file, or a describe. */
export function musicbrainzWithTriggers(): MusicbrainzWithTriggers {
  let database: TestDatabase;
  let letters = new Map<string, string>();
  beforeAll(async () => {
    database = await createTestDatabase();
    await installTriggers(database.db);
  });
  beforeEach(async () => {
    await database.db.query('delete from artwork_indexer.event_queue');
    letters = new Map();
  });

  const ids = async (): Promise<number[]> => {
    const { rows } = await database.db.query<{ id: number }>('select id from artwork_indexer.event_queue order by id');
    return rows.map(({ id }) => id);
  };
  return {
    get db() {
      return database.db;
    },
    get url() {
      return database.url;
    },
    async make(entityType, entities) {
      const made: Record<string, StoredEntity> = {};
      for (const [letter, images] of Object.entries(entities)) {
        // The letter is the gid's first digit, so that the order of gids is theirs.
        const gid = crypto.randomUUID().replace(/^./, letter.toLowerCase());
        made[letter] = await addEntity(database.db, { entityType, gid }, { images: images.map((id) => ({ id })) });
        letters.set(gid, letter);
      }
      await database.db.query('delete from artwork_indexer.event_queue');
      return made;
    },
    async queue() {
      const { rows } = await database.db.query<Row>(
        'select id, state::text, entity_type::text, action::text, message, depends_on from artwork_indexer.event_queue order by id',
      );
      const numbers = new Map(rows.map(({ id }, at) => [id, String(at + 1)]));
      return rows.map((row) => {
        const after = (row.depends_on ?? []).map((id) => numbers.get(id) ?? `gone ${id}`);
        const line = `${numbers.get(row.id)!}: ${row.action} ${inWords(row.message, letters)}`;
        return `${line}${after.length > 0 ? ` after ${after.join(', ')}` : ''}${row.state === 'queued' ? '' : ` (${row.state})`}`;
      });
    },
    async set(numbers, assignments) {
      const all = await ids();
      await database.db.query(`update artwork_indexer.event_queue set ${assignments} where id = any ($1::bigint[])`, [
        numbers.map((number) => all[number - 1]),
      ]);
    },
  };
}

interface Row {
  readonly id: number;
  readonly state: string;
  readonly entity_type: string;
  readonly action: string;
  readonly message: Readonly<Record<string, unknown>>;
  readonly depends_on: readonly number[] | null;
}

/** Every field of the message appears, and a message with others is not taken for one without. */
function inWords(
  { gid, old_gid, new_gid, artwork_id, suffix, ...others }: Row['message'],
  letters: Map<string, string>,
): string {
  const name = (value: unknown): string => letters.get(String(value)) ?? JSON.stringify(value);
  const entities = gid === undefined ? `${name(old_gid)}→${name(new_gid)}` : name(gid);
  const file =
    artwork_id === undefined ? '' : `${JSON.stringify(artwork_id)}${suffix === 'jpg' ? '' : `.${String(suffix)}`} `;
  return `${file}${entities}${Object.keys(others).length > 0 ? ` ${JSON.stringify(others)}` : ''}`;
}
