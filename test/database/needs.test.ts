import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Transaction } from '../../src/database/connection.ts';
import { findUnmetNeeds, programNeeds, unmetInWords } from '../../src/database/schema/needs.ts';
import { installTriggers } from '../../src/database/schema/triggers.ts';
import { createTestDatabase } from '../support/database.ts';

const database = await createTestDatabase();

/** Undone afterwards, since roles are the whole server's. */
async function asNewRole(work: (tx: Transaction, role: string) => Promise<void>): Promise<void> {
  const role = `newcomer_${process.pid}`;
  const undone = new Error('undone');
  const done = database.db.transaction(async (tx) => {
    await tx.query(`create role ${role}; set local role ${role}`);
    await work(tx, role);
    throw undone;
  });
  await expect(done).rejects.toThrow(undone);
}

const unmet = async (tx: Transaction): Promise<string[]> =>
  (await findUnmetNeeds(tx, await programNeeds(tx))).map(unmetInWords);

describe('rights', () => {
  test('of a user who has none: each is named, by schema, table and sequence', () =>
    asNewRole(async (tx, role) => {
      const words = await unmet(tx);
      expect(words).toEqual(
        expect.arrayContaining([
          `${role} lacks USAGE on schema musicbrainz`,
          `${role} lacks SELECT on musicbrainz.edit_release`,
          `${role} lacks SELECT on event_art_archive.index_listing`,
          `${role} lacks UPDATE on artwork_indexer.event_queue`,
          `${role} lacks USAGE on artwork_indexer.event_queue_id_seq`,
          `${role} lacks USAGE on schema artwork_reconciler`,
          `${role} lacks DELETE on artwork_reconciler.event_claim`,
          `${role} lacks USAGE on artwork_reconciler.audit_id_seq`,
        ]),
      );
      expect(words.filter((line) => line.includes('does not exist'))).toEqual([]);
    }));

  test('that docs/install.md grants are all that are needed', () =>
    asNewRole(async (tx, role) => {
      const install = await readFile(resolve(import.meta.dirname, '../../docs/install.md'), 'utf8');
      const [, grants] = /```sql\n(grant[^`]*)```/.exec(install)!;
      await tx.query(`reset role; ${grants!.replaceAll('reconciler_user', role)}; set local role ${role}`);
      expect(await unmet(tx)).toEqual([]);
    }));
});

test('what only the triggers read is needed where they are in place', async () => {
  const renamed = async (): Promise<string[]> => {
    const undo = new Error('undone');
    let words: string[] = [];
    await database.db
      .transaction(async (tx) => {
        await tx.query('alter table musicbrainz.release rename barcode to gtin');
        words = await unmet(tx);
        throw undo;
      })
      .catch((error: unknown) => expect(error).toBe(undo));
    return words;
  };
  expect(await renamed()).toEqual([]);
  await installTriggers(database.db);
  expect(await renamed()).toEqual(['column musicbrainz.release.barcode does not exist']);
});
