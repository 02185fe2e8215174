import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  pauseWork,
  readStoredBrakes,
  releaseBrake,
  resumeWork,
  setBrake,
} from '../../src/database/brakes/stored-brakes.ts';
import { readWindows } from '../../src/database/brakes/windows.ts';
import { addWindow, endWindow } from '../../src/database/pace/change-windows.ts';
import { confirmBulkAction, planBulkAction, readBulkAction } from '../../src/database/bulk-actions/bulk-action.ts';
import { type BulkKindName, bulkKinds } from '../../src/database/bulk-actions/kinds.ts';
import { bulkRowList } from '../../src/database/bulk-actions/list-bulk-rows.ts';
import { howToUndo, NotUndoneError, planUndo } from '../../src/database/bulk-actions/undo.ts';
import { readExclusion } from '../../src/database/entities/exclusion.ts';
import { handOver, readHandOvers, recordHandOver } from '../../src/database/entities/hand-over.ts';
import { readList } from '../../src/database/lists/list.ts';
import { changeMode, readMode, settleMode } from '../../src/database/pace/mode.ts';
import { changePace, readOwnPaces, readPace } from '../../src/database/pace/rate.ts';
import { workOnBulkActions } from '../support/bulk-actions.ts';
import { createTestDatabase } from '../support/database.ts';
import { settingsWith } from './brakes/settings.ts';
import { addAuditEntity, audit, clean, entityNow, finding, index, repair, review } from './entities/support.ts';

const database = await createTestDatabase();
beforeEach(async () => {
  const { db } = database;
  for (const table of [
    'audit_entity',
    'bulk_action',
    'operator_action',
    'brake',
    'pause_window',
    'own_pace',
    'canary',
  ]) {
    await db.query(`delete from artwork_reconciler.${table}`);
  }
  await db.query('delete from artwork_reconciler.pace');
  await db.query('insert into artwork_reconciler.pace default values');
  await settleMode(db, { mode: 'report' });
});

const ida = { actor: 'ida', note: 'a mistake' };
const bob = { actor: 'bob', note: 'taken back' };
const config = settingsWith({ perHour: 600 });
const lastAction = async (): Promise<number> => {
  const { rows } = await database.db.query<{ id: number }>(
    'select max(id) as id from artwork_reconciler.operator_action',
  );
  return rows[0]!.id;
};

/** Does it to rows of one kind. @returns the record's id */
async function act(kind: BulkKindName, filter: object): Promise<number> {
  const { db } = database;
  const id = await planBulkAction(db, { kind, filter, plannedBy: 'ida' });
  await workOnBulkActions(db);
  await confirmBulkAction(db, { id, by: ida });
  await workOnBulkActions(db);
  expect(await readBulkAction(db, id)).toMatchObject({ state: 'done' });
  return lastAction();
}

/** Undoes an action, and says what became of each row, which the dry run had said. */
async function undo(action: number): Promise<string[]> {
  const { db } = database;
  const { id } = await planUndo(db, action, 'bob');
  await workOnBulkActions(db);
  const said = await outcomes(id, 'planned');
  await confirmBulkAction(db, { id, by: bob });
  await workOnBulkActions(db);
  const done = await outcomes(id, 'outcome');
  if (said.some((outcome) => outcome === 'done')) expect(done).toEqual(said);
  return said;
}

async function outcomes(id: string, of: 'outcome' | 'planned'): Promise<string[]> {
  const { rows } = await readList(database.db, bulkRowList, { bulkAction: id }, { limit: 100, look: 101 });
  return rows.map(({ planned, plannedReason, outcome, reason }) =>
    (of === 'planned' ? [planned, plannedReason] : [outcome, reason]).filter(Boolean).join(': '),
  );
}

const newEntity = (columns = {}) =>
  addAuditEntity(database.db, { key: { entityType: 'release', gid: randomUUID() }, ...columns });
const dark = () => review(finding('item.dark', 'review'));

async function openReview(): Promise<{ readonly entity: Awaited<ReturnType<typeof newEntity>>; readonly id: number }> {
  const entity = await newEntity();
  await audit(database.db, entity, dark());
  const { rows } = await database.db.query<{ id: number }>(
    `select id from artwork_reconciler.needs_manual_review where audit_entity_id = $1 and status = 'open'`,
    [entity.id],
  );
  return { entity, id: rows[0]!.id };
}
const statusOf = async (id: number) => {
  const { rows } = await database.db.query<{ status: string }>(
    'select status::text from artwork_reconciler.needs_manual_review where id = $1',
    [id],
  );
  return rows[0]!.status;
};

describe('a hand-over that is undone', () => {
  const to = (ticket: string) => ({ handOver: { to: 'archive_staff', ticket, days: 30 } });
  const handedOver = async (entity: { readonly id: number }) =>
    (await readHandOvers(database.db, [entity.id])).get(entity.id) ?? null;

  test('is to whom it was before, or to nobody; one that was taken back meanwhile is left', async () => {
    const [one, other] = [await openReview(), await openReview()];
    await act('hand_over_reviews', { ids: [one.id], ...to('IA-1') });
    const again = await act('hand_over_reviews', { ids: [one.id, other.id], ...to('IA-2') });
    expect(await undo(again)).toEqual(['done', 'done']);
    expect(await handedOver(one.entity)).toMatchObject({ ticket: 'IA-1', by: 'ida' });
    expect(await handedOver(other.entity)).toBeNull();
    expect(await undo(again)).toEqual([
      expect.stringMatching(/^refused: it is handed over to .* \(IA-1\), by another action$/) as string,
      'refused: it is not handed over any more',
    ]);
  });

  test('take-back hands over again, with ticket and time; a closed review is left', async () => {
    const [one, other] = [await openReview(), await openReview()];
    await act('hand_over_reviews', { ids: [one.id, other.id], ...to('IA-1') });
    const before = await handedOver(one.entity);
    const back = await act('take_back_reviews', { ids: [one.id, other.id] });
    await act('resolve_reviews', { ids: [other.id] });
    expect(await undo(back)).toEqual(['done', 'refused: it is resolved by now']);
    expect(await handedOver(one.entity)).toEqual(before);
  });

  test('of a list takes back what nothing else has taken back', async () => {
    const { db } = database;
    const [one, other] = [await openReview(), await openReview()];
    const how = { to: 'archive_staff', ticket: 'IA-3', days: 30 } as const;
    await db.transaction(async (tx) => {
      const found = [one, other].map(({ entity }) => ({ entityId: entity.id, checks: ['item.dark'] }));
      await handOver(tx, found, how, ida);
      await recordHandOver(tx, { ...how, list: 'findings', entities: 2 }, ida);
    });
    const list = await lastAction();
    await act('take_back_reviews', { ids: [other.id] });
    expect(await undo(list)).toEqual(['done']);
    expect(await handedOver(one.entity)).toBeNull();
  });
});

describe('an exclusion that is undone', () => {
  test('has entities as they were, and their reviews open again; another’s exclusion is left', async () => {
    const { db } = database;
    const { entity: reviewed, id } = await openReview();
    const done = await newEntity();
    await audit(db, done, clean);
    const again = await newEntity();
    const action = await act('exclude_entities', { ids: [reviewed.id, done.id, again.id] });
    expect(await statusOf(id)).toBe('wont_fix');
    await act('include_entities', { ids: [again.id] });
    await act('exclude_entities', { ids: [again.id] });
    expect(await undo(action)).toEqual(['done', 'done', 'refused: it is excluded by another action, of ida']);
    expect(await entityNow(db, reviewed)).toMatchObject({ status: 'manual_review', dueCause: null });
    expect(await statusOf(id)).toBe('open');
    expect(await entityNow(db, done)).toMatchObject({ status: 'clean', dueCause: null });
    expect(await readExclusion(db, done.id)).toBeNull();
    expect(await readExclusion(db, again.id)).not.toBeNull();
  });

  test('inclusion excludes again, with the former’s name and note', async () => {
    const { db } = database;
    const entity = await newEntity();
    await act('exclude_entities', { ids: [entity.id] });
    const included = await act('include_entities', { ids: [entity.id] });
    expect(await undo(included)).toEqual(['done']);
    expect(await readExclusion(db, entity.id)).toMatchObject({ excludedBy: 'ida', note: 'a mistake' });
    expect(await entityNow(db, entity)).toMatchObject({ status: 'unchecked', dueCause: 'excluded' });
  });
});

test('a list that comes back has its entities audited again: what is gone closes by itself, what is not stays', async () => {
  const { db } = database;
  const [gone, still] = [await openReview(), await openReview()];
  const action = await act('recheck_reviews', { ids: [gone.id, still.id] });
  expect(await entityNow(db, gone.entity)).toMatchObject({ status: 'unchecked', dueAt: null });
  expect([await statusOf(gone.id), await statusOf(still.id)]).toEqual(['open', 'open']);
  await audit(db, gone.entity, clean);
  await audit(db, still.entity, dark());
  expect([await statusOf(gone.id), await statusOf(still.id)]).toEqual(['resolved', 'open']);
  await expect(planUndo(db, action, 'bob')).rejects.toThrow('the audits decide');
  const id = await planBulkAction(db, { kind: 'recheck_reviews', filter: { ids: [gone.id] }, plannedBy: 'ida' });
  await workOnBulkActions(db);
  expect(await outcomes(id, 'planned')).toEqual(['refused: it is not open']);
});

describe('a setting that is undone', () => {
  test('pace is what it was, recorded so, unless it was changed since', async () => {
    const { db } = database;
    await changePace(db, config, { order: { perDay: 240 }, by: ida });
    await changePace(db, config, { order: { perHour: 20 }, by: ida });
    const second = await lastAction();
    await changePace(db, config, { order: { perHour: 30 }, by: ida });
    const third = await lastAction();
    expect(await undo(second)).toEqual(['refused: the pace was changed since']);
    expect(await undo(third)).toEqual(['done']);
    expect(await readPace(db, config)).toMatchObject({ perHour: 20, setBy: 'bob' });
    expect(await undo(second)).toEqual(['done']);
    expect(await readPace(db, config)).toMatchObject({ perHour: 10 });
    await changePace(db, config, { order: { perHour: 5 }, entityType: 'event', by: ida });
    expect(await undo(await lastAction())).toEqual(['done']);
    expect(await readOwnPaces(db)).toEqual([]);
    expect(await undo(await lastAction())).toEqual(['done']);
    expect(await readOwnPaces(db)).toMatchObject([{ entityType: 'event', perHour: 5 }]);
  });

  test('mode is what it was; a canary that was ended goes on with those that were left', async () => {
    const { db } = database;
    const mode = async () => readMode(db, config.audit);
    await changeMode(db, config.audit, { mode: 'repair', canary: 7, by: ida });
    const canary = await lastAction();
    await changeMode(db, config.audit, { mode: 'report', by: ida });
    const ended = await lastAction();
    expect(await undo(canary)).toEqual(['refused: the mode was set again since']);
    expect(await undo(ended)).toEqual(['done']);
    expect(await mode()).toMatchObject({ mode: 'repair', setBy: 'bob', canary: { entities: 7, remaining: 7 } });
    expect(await undo(await lastAction())).toEqual(['done']);
    expect(await mode()).toMatchObject({ mode: 'report', canary: null });
    // That no canary was ended by begins none.
    await changeMode(db, config.audit, { mode: 'repair', by: ida });
    await changeMode(db, config.audit, { mode: 'report', by: ida });
    expect(await undo(await lastAction())).toEqual(['done']);
    expect(await mode()).toMatchObject({ mode: 'repair', canary: null });
  });

  test('mode that a canary ended automatically is left: another one may be begun', async () => {
    const { db } = database;
    await changeMode(db, config.audit, { mode: 'repair', canary: 1, by: ida });
    const entity = await newEntity();
    await audit(db, entity, repair([index(entity)]));
    expect(await undo(await lastAction())).toEqual([
      'refused: a canary ended automatically: `schedule mode canary` begins another',
    ]);
  });

  test('pause is resumed, and one that was resumed goes on, whose it was', async () => {
    const { db } = database;
    const order = { what: 'events', entityType: 'event' } as const;
    await pauseWork(db, order, ida);
    const paused = await lastAction();
    expect(await undo(paused)).toEqual(['done']);
    expect(await readStoredBrakes(db)).toEqual([]);
    expect(await undo(paused)).toEqual(['refused: it is not paused any more']);
    await pauseWork(db, order, ida);
    await db.query(`update artwork_reconciler.brake set since = since + interval '1 minute'`);
    expect(await undo(paused)).toEqual(['refused: it was resumed, and paused again']);
    await resumeWork(db, order, ida);
    await pauseWork(db, order, { ...ida, note: null });
    const first = await lastAction();
    await pauseWork(db, order, ida);
    expect(await undo(await lastAction())).toEqual([
      'refused: it gave a pause another note only; resuming ends that pause',
    ]);
    expect(await undo(first)).toEqual(['refused: the pause was given another note since']);
    await resumeWork(db, order, ida);
    const resumed = await lastAction();
    expect(await undo(resumed)).toEqual(['done']);
    expect(await readStoredBrakes(db)).toMatchObject([
      { name: 'events_paused_eaa', reason: 'paused by ida: a mistake' },
    ]);
    expect(await undo(resumed)).toEqual(['refused: it is paused again already']);
  });

  test('window is ended, and one that was ended goes on; not where it would be over', async () => {
    const { db } = database;
    const order = { kind: 'moments', begins: null, ends: new Date(Date.now() + 7_200_000), daily: false } as const;
    const { id } = await addWindow(db, { order, stops: 'all', reason: 'maintenance', by: ida });
    expect(await undo(await lastAction())).toEqual(['done']);
    expect(await readWindows(db)).toEqual([]);
    const ended = await lastAction();
    expect(await undo(ended)).toEqual(['done']);
    expect(await readWindows(db)).toMatchObject([{ id, isOn: true }]);
    expect(await undo(ended)).toEqual(['refused: it would be over by now']);
    await endWindow(db, { id, by: ida });
    const action = await lastAction();
    await db.query(
      `update artwork_reconciler.pause_window set begins = begins - interval '3 hours', ends = ends - interval '3 hours'`,
    );
    expect(await undo(action)).toEqual(['refused: it would be over by now']);
  });
});

describe('each recorded action says whether it can be undone, and what to do instead', () => {
  test.each([...Object.keys(bulkKinds), 'audit_entity', 'restore_window', 'adopt_database'])('%s', (kind) => {
    const how = howToUndo(kind.replaceAll('_', ' '), '3 rows');
    if ('instead' in how) expect(how.instead).not.toContain('does not know');
    else expect(Object.keys(bulkKinds)).toContain(how.kind);
  });

  test('a brake that observations put on is not put on again by hand', async () => {
    const { db } = database;
    await setBrake(db, { name: 'breaker', reason: 'all alike', by: ida });
    await releaseBrake(db, { name: 'breaker', by: ida });
    const refused = planUndo(db, await lastAction(), 'bob');
    await expect(refused).rejects.toThrow(NotUndoneError);
    await expect(refused).rejects.toThrow('it takes new observations');
  });
});
