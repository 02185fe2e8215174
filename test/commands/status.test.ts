import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { setBrake } from '../../src/database/brakes/stored-brakes.ts';
import { addAuditEntity, audit, finding, review } from '../database/entities/support.ts';
import { createTestDatabase } from '../support/database.ts';
import { parseLines, runCommand } from './run-command.ts';

const database = await createTestDatabase();
beforeAll(async () => {
  const { db } = database;
  await audit(db, await addAuditEntity(db), review(finding('item.dark', 'review')));
  await setBrake(db, { name: 'breaker', reason: 'they all say so' });
  await db.query(
    `insert into artwork_reconciler.activity_hour (hour, what, key, count)
     values (date_trunc('hour', now()), 'answered', 'archive put 503', 1200)`,
  );
});

const status = (...args: string[]) => runCommand(['status', ...args], { DATABASE_URL: database.url });

test('shows in words what the overview shows, and with --since what was done since', async () => {
  const { code, stdout, stderr } = await status('--since', 'yesterday');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^mode {8}\S+/);
  expect(stdout).toMatch(/\n {2}breaker, since \S+ \S+ UTC \(\d+ \w+ ago\): .*\. they all say so\n/);
  expect(stdout).toMatch(/\n {2}reviews for operators: 1, the oldest \d+ s old\n/);
  expect(stdout).toContain('manual review 1');
  expect(stdout).toMatch(/\nin step {5}0 %\n/);
  expect(stdout).toContain('\nrequests\n  1,200  archive put: 503\n');
  expect(stdout).toContain('\naudits\n  1  manual review\n');
  expect(stdout).toContain('\nrepairs by check: none\n');
  expect((await status()).stdout).not.toContain('1,200');
});

test('has in JSON the keys that docs/commands.md lists', async () => {
  const [keys] = parseLines<object>(await status('--json', '--since', '24h'));
  const page = readFileSync(resolve(import.meta.dirname, '../../docs/commands.md'), 'utf8');
  const table = /^## status$[\s\S]*?^\| key \|.*\n.*\n([\s\S]*?)\n\n/m.exec(page)![1]!;
  const documented = table
    .split('\n')
    .flatMap((row) => [...row.split('|')[1]!.matchAll(/`(\w+)`/g)].map(([, key]) => key));
  expect(Object.keys(keys!).toSorted()).toEqual(documented.toSorted());
  expect(keys).toMatchObject({
    entities: { by_status: { manual_review: 1 }, open_reviews: 1 },
    work: { requests: [{ service: 'archive', kind: 'put', answer: '503', count: 1200 }], is_part: false },
  });
  expect(parseLines<object>(await status('--json'))[0]).not.toHaveProperty('work');
});

test.each(['tomorrow', '2999-01-01', 'x'])('--since %s is refused: exit code 2, and what it takes', async (moment) => {
  const { code, stdout, stderr } = await status('--since', moment);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^Error: option '--since <moment>' argument .* It takes today, yesterday, [^\n]*\n$/);
});
