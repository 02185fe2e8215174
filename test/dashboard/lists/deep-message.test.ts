import { beforeAll, expect, test } from 'vitest';
import { runCommand } from '../../commands/run-command.ts';
import { insertEvent } from '../../database/queue/queue.ts';
import { dashboardParts, visitorOf } from '../../support/dashboard.ts';
import { createTestDatabase } from '../../support/database.ts';

/* PostgreSQL takes a message that is nested more deeply than JSON can be written: one such row must not take a list along. */

const database = await createTestDatabase();
let id: number;
beforeAll(async () => {
  id = await insertEvent(database.db, { action: 'index', message: { gid: crypto.randomUUID() } });
  await database.db.query(
    `update artwork_indexer.event_queue set state = 'failed', message = $2::text::jsonb where id = $1`,
    [id, `{"gid": ${'['.repeat(6000)}${']'.repeat(6000)}}`],
  );
});

const said = 'a value that is nested too deeply to be shown';

test.each(['/events', '/events.csv', '/events.json', '/api/events', '/events/{id}'])(
  '%s shows the event',
  async (path) => {
    const { status, body } = await visitorOf(dashboardParts(database)).get(path.replace('{id}', String(id)));
    expect(status).toBe(200);
    expect(body).toContain(said);
  },
);

test.each([['list'], ['list', '--json'], ['show'], ['show', '--json']])(
  'so does events %s %s',
  async (command, ...how) => {
    const named = command === 'show' ? [String(id)] : [];
    const args = ['events', command, ...named, ...how, '--config', '/dev/null'];
    const { code, stdout, stderr } = await runCommand(args, { DATABASE_URL: database.url });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(said);
  },
);
