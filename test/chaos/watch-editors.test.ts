import { expect, test, vi } from 'vitest';
import { watchEditors } from '../../chaos/watch-editors.ts';
import { openDatabase } from '../../src/database/connection.ts';
import { insertEvent, untilBlocked } from '../database/queue/queue.ts';
import { createTestDatabase } from '../support/database.ts';
import { patience } from '../support/patience.ts';

const { db, url } = await createTestDatabase({ musicbrainz: false });

/** Lets an editor wait for a row that this session has, for as long as `during` takes. */
async function wait(application_name: string, during: () => Promise<unknown>): Promise<void> {
  const holder = openDatabase({ connectionString: url, application_name });
  const editor = openDatabase({ connectionString: url, application_name: 'musicbrainz', unlimited: true });
  const lock = 'select from artwork_indexer.event_queue for update';
  try {
    let waiting: Promise<unknown> = Promise.resolve();
    await holder.transaction(async (tx) => {
      await tx.query(lock);
      waiting = editor.query(lock);
      await untilBlocked(db);
      await during();
    });
    await waiting;
  } finally {
    await Promise.all([holder.close(), editor.close()]);
  }
}

test('an editor who waits for one of ours for too long is told of once, one who waits for another editor never', async () => {
  await insertEvent(db);
  const ask = vi.fn((...asked: Parameters<typeof db.query>) => db.query(...asked));
  const watch = watchEditors({ ...db, query: ask as typeof db.query }, 0.01);
  const twoChecks = () => {
    const { length } = ask.mock.calls;
    return vi.waitFor(() => expect(ask.mock.calls.length).toBeGreaterThan(length + 2), patience);
  };
  await wait('musicbrainz', twoChecks);
  await wait('artwork-reconciler worker', twoChecks);
  expect(await watch.end()).toEqual([
    'an editor waited for ours for more than 0.01 s: select from artwork_indexer.event_queue for update',
  ]);
});
