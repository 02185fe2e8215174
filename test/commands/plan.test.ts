import { beforeAll, expect, test } from 'vitest';
import { addAuditEntity, audit, finding, index, repair } from '../database/entities/support.ts';
import { createTestDatabase } from '../support/database.ts';
import { runCommand } from './run-command.ts';

const database = await createTestDatabase();
beforeAll(async () => {
  for (const check of ['index.order', 'index.order', 'xml.value']) {
    const entity = await addAuditEntity(database.db);
    await audit(database.db, entity, repair([index(entity)], finding(check, 'index')), 'report');
  }
});

const plan = (...args: readonly string[]) =>
  runCommand(['plan', '--config', '/dev/null', ...args], { DATABASE_URL: database.url });

test('what repair mode would do about what report mode has found, in words, and how to see whom each check concerns', async () => {
  const { code, stdout, stderr } = await plan();
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^entities {2}3 wait for repair mode\nevents {4}3 index\n/);
  expect(stdout).toContain('\nxml.value: 1 entity, 1 for this alone\n');
  expect(stdout).toContain(
    [
      'index.order: 2 entities, 2 for this alone',
      '  events    2 index',
      '  found in  67 % of decided audits, 67 % of those that wait: PUTS THE BREAKER ON',
      '  entities  artwork-reconciler export --decision repair_queue --check index.order',
    ].join('\n'),
  );
});

test('and as one JSON object', async () => {
  const { code, stdout } = await plan('--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    entities: 3,
    events: { index: 3 },
    checks: [
      { check: 'xml.value', entities: 1, alone: 1 },
      { check: 'index.order', entities: 2, alone: 2 },
    ],
  });
});
