import { beforeEach, describe, expect, test } from 'vitest';
import { changeMode, readMode, settleMode } from '../../../src/database/pace/mode.ts';
import { addRelease } from '../../../src/simulator/musicbrainz/builders.ts';
import { createTestDatabase } from '../../support/database.ts';
import { makeReplica } from '../../support/replica.ts';
import { addAuditEntity, audit, eventsOf, index, repair } from '../entities/support.ts';

const reporting = { mode: 'report' } as const;
const repairing = { mode: 'repair' } as const;
const ida = { actor: 'ida', note: 'looked at' };

const { db } = await createTestDatabase();
beforeEach(async () => {
  await db.query('update artwork_reconciler.pace set mode = null, mode_set_by = null, mode_set_at = null');
  await db.query('delete from artwork_reconciler.operator_action');
});

const recorded = async () =>
  (await db.query('select actor, action, target, before, after, note from artwork_reconciler.operator_action')).rows;

test('the configuration says the first value, that of the first worker; from then on the database does', async () => {
  expect(await readMode(db, repairing)).toEqual({ mode: 'repair', setBy: null, setAt: null, canary: null });
  await settleMode(db, reporting);
  await settleMode(db, repairing);
  expect(await readMode(db, repairing)).toEqual({
    mode: 'report',
    setBy: null,
    setAt: expect.any(Date) as Date,
    canary: null,
  });
  expect(await recorded()).toEqual([]);
});

describe('changing it', () => {
  test('holds for every process, whatever it is configured with, and is recorded once', async () => {
    await settleMode(db, reporting);
    for (const configured of [reporting, repairing]) {
      expect(await changeMode(db, configured, { mode: 'repair', by: ida })).toMatchObject({ done: true });
    }
    expect(await readMode(db, reporting)).toMatchObject({ mode: 'repair', setBy: 'ida' });
    expect(await recorded()).toEqual([
      {
        actor: 'ida',
        action: 'set mode',
        target: 'mode',
        before: { mode: 'report' },
        after: { mode: 'repair' },
        note: 'looked at',
      },
    ]);
  });

  test('leaves what somebody else set since it was looked at', async () => {
    await settleMode(db, reporting);
    const { setAt } = await readMode(db, reporting);
    await changeMode(db, reporting, { mode: 'repair', by: { actor: 'bob' } });
    await db.query(`update artwork_reconciler.pace set mode = 'report', mode_set_at = now() + interval '1 second'`);
    const { done, mode } = await changeMode(db, reporting, { mode: 'repair', seenSetAt: setAt, by: ida });
    expect([done, mode.setBy]).toEqual([false, 'bob']);
  });

  test('decides what becomes of audits of workers that are configured otherwise', async () => {
    await settleMode(db, repairing);
    const [one, other] = [await addAuditEntity(db), await addAuditEntity(db)];
    await audit(db, one, repair([index(one)]), 'report');
    expect(await eventsOf(db, one)).toHaveLength(1);
    await changeMode(db, repairing, { mode: 'report', by: ida });
    await audit(db, other, repair([index(other)]), 'repair');
    expect(await eventsOf(db, other)).toEqual([]);
  });
});

// The last one: it takes the database's edits away.
test('repair is refused on a replica of MusicBrainz, report never is', async () => {
  await addRelease(db);
  await makeReplica(db);
  await expect(changeMode(db, reporting, { mode: 'repair', by: ida })).rejects.toThrow('musicbrainz.edit is empty');
  expect(await readMode(db, reporting)).toMatchObject({ mode: 'report', setAt: null });
  expect(await changeMode(db, repairing, { mode: 'report', by: ida })).toMatchObject({ done: true });
});
