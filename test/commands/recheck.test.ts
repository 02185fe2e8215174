import { beforeEach, describe, expect, test } from 'vitest';
import { addAuditEntity, audit, finding, review, statusOf } from '../database/entities/support.ts';
import { createTestDatabase } from '../support/database.ts';
import { runCommand } from './run-command.ts';

const database = await createTestDatabase();
const run = (args: readonly string[]) => runCommand(args, { DATABASE_URL: database.url });

beforeEach(() => database.db.query('truncate artwork_reconciler.audit_entity, artwork_reconciler.bulk_action cascade'));

describe('entities recheck', () => {
  test('has those of a kind audited again: by a family of checks and the version that judged them', async () => {
    const { db } = database;
    const found = (check: string) => review(finding(check, 'review'));
    const [old, fresh, other] = [await addAuditEntity(db), await addAuditEntity(db), await addAuditEntity(db)];
    for (const entity of [old, fresh]) await audit(db, entity, found('xml.value'));
    await audit(db, other, found('item.dark'));
    await db.query(
      `update artwork_reconciler.audit set checks_version = case audit_entity_id when $1 then null when $2 then '0.9.1' else '0.10.0' end`,
      [old.id, other.id],
    );
    const chosen = ['--check', 'xml.*', '--judged-before', '0.9', '--decision', 'manual_review'];
    const dry = await run(['entities', 'recheck', ...chosen, '--dry-run']);
    expect([dry.code, dry.stdout]).toEqual([0, `entity ${old.id}: would be due again\n`]);
    expect(await statusOf(db, old)).toBe('manual_review');
    const done = await run(['entities', 'recheck', ...chosen, '--note', 'the checks of XML are better']);
    expect([done.code, done.stdout]).toEqual([0, `entity ${old.id}: due again\n`]);
    const statuses = await Promise.all([old, fresh, other].map((key) => statusOf(db, key)));
    expect(statuses).toEqual(['unchecked', 'manual_review', 'manual_review']);
    // Its review waits for what the audit will say.
    const { rows } = await db.query(`select from artwork_reconciler.needs_manual_review where status = 'open'`);
    expect(rows).toHaveLength(3);
    await audit(db, old, found('xml.value'));
    expect((await run(['entities', 'list', '--judged-before', '0.0.1', '--json'])).stdout).toBe('');
  });

  test('takes a choice, and a version that is one', async () => {
    expect(await run(['entities', 'recheck'])).toMatchObject({ code: 2 });
    const wrong = await run(['entities', 'recheck', '--judged-before', 'yesterday']);
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('It takes a version such as 0.2 or 0.2.1')]);
  });
});
