import { beforeEach, describe, expect, test } from 'vitest';
import { confirmBulkAction, readBulkAction } from '../../src/database/bulk-actions/bulk-action.ts';
import type { BulkKind } from '../../src/database/operators/bulk-kind.ts';
import { entityTargets, ListTooLongError, planFromList } from '../../src/database/operators/by-list.ts';
import { stepBulkAction, workOnBulkAction } from '../../src/database/bulk-actions/step.ts';
import type { NamedLine } from '../../src/domain/imports/named-lines.ts';
import { createTestDatabase } from '../support/database.ts';
import { addAuditEntity } from './entities/support.ts';

const database = await createTestDatabase();
beforeEach(async () => {
  await database.db.query('truncate artwork_reconciler.audit_entity, artwork_reconciler.bulk_action cascade');
  batches = [];
  canBeDone = () => true;
});

/** The targets of each batch that was carried out. */
let batches: number[][];
let canBeDone: (target: number) => boolean;
const kind: BulkKind = {
  choose: () => Promise.resolve({ rows: [], next: null }),
  rowsOf: entityTargets,
  carryOut: (_, { rows, dryRun }) => {
    if (!dryRun) batches.push(rows.map(({ target }) => target));
    return Promise.resolve(
      rows.map(({ target }) =>
        dryRun || canBeDone(target)
          ? { target, outcome: 'done' as const }
          : { target, outcome: 'refused' as const, reason: 'it is gone' },
      ),
    );
  },
};
const named = (line: number, gid: string): NamedLine => ({
  line,
  text: gid,
  reading: { kind: 'named', gid, entityType: null },
});
async function* inOne(...lines: readonly NamedLine[]): AsyncGenerator<readonly NamedLine[]> {
  await Promise.resolve();
  yield lines;
}
const plan = (lines: AsyncIterable<readonly NamedLine[]>) =>
  planFromList(
    database.db,
    { kind: 'x', filter: { list: 'list.txt', allOrNothing: true }, plannedBy: 'ida', rowsOf: entityTargets },
    lines,
  );
const work = (id: string, rows = 1) => workOnBulkAction(database.db, { x: kind }, { id, rows, isOver: () => false });
const confirm = (id: string) => confirmBulkAction(database.db, { id, by: { actor: 'ida' } });
const addEntities = (count: number) => Promise.all(Array.from({ length: count }, () => addAuditEntity(database.db)));

describe('a list of which all is to be done, or nothing,', () => {
  test('is confirmed where a line says another one again, and not where one names nothing', async () => {
    const [entity] = await addEntities(1);
    const again = await plan(inOne(named(1, entity!.gid), named(2, entity!.gid)));
    await work(again);
    expect(await confirm(again)).toMatchObject({ started: true });
    const nothing = await plan(inOne(named(1, entity!.gid), named(2, '11111111-1111-4111-8111-111111111111')));
    await work(nothing);
    expect(await confirm(nothing)).toEqual({ started: false, state: 'planned' });
  });

  test('is done at once, however many that are', async () => {
    const entities = await addEntities(3);
    const id = await plan(inOne(...entities.map(({ gid }, n) => named(n + 1, gid))));
    await work(id);
    await confirm(id);
    await work(id);
    expect(batches).toEqual([entities.map((entity) => entity.id)]);
    expect(await readBulkAction(database.db, id)).toMatchObject({ state: 'done', outcome: { done: 3 } });
  });

  test('is stopped where something can’t be done any more: nothing is', async () => {
    const entities = await addEntities(3);
    const id = await plan(inOne(...entities.map(({ gid }, n) => named(n + 1, gid))));
    await work(id);
    await confirm(id);
    canBeDone = (target) => target !== entities[2]!.id;
    await work(id);
    expect(await readBulkAction(database.db, id)).toMatchObject({
      state: 'stopped',
      stoppedBy: 'all or nothing',
      outcome: { done: 0, refused: 0 },
    });
  });

  test('has five thousand lines at most; of a longer one nothing is begun', async () => {
    const lines = (count: number) => {
      const refused = (line: number): NamedLine => ({ line, text: 'x', reading: { kind: 'refused', reason: 'x' } });
      return plan(inOne(...Array.from({ length: count }, (_, n) => refused(n + 1))));
    };
    await expect(lines(5_001)).rejects.toThrow(ListTooLongError);
    const { rows } = await database.db.query('select from artwork_reconciler.bulk_action');
    expect(rows).toEqual([]);
    expect(await readBulkAction(database.db, await lines(5_000))).toMatchObject({ state: 'planning', chosen: 0 });
  });
});

test('a list is left alone while it is read, and where its reading breaks off', async () => {
  const [entity] = await addEntities(1);
  const states: unknown[] = [];
  const reading = plan(
    (async function* () {
      yield [named(1, entity!.gid)];
      const { rows } = await database.db.query<{ id: string }>('select id from artwork_reconciler.bulk_action');
      const { id } = rows[0]!;
      states.push(await stepBulkAction(database.db, { x: kind }, { id, rows: 10 }), await confirm(id));
      throw new Error('the pipe is broken');
    })(),
  );
  await expect(reading).rejects.toThrow('the pipe is broken');
  expect(states).toEqual(['idle', { started: false, state: 'reading' }]);
});
