import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openDatabase } from '../../src/database/connection.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { createTestDatabase } from '../support/database.ts';
import { startDeployment, type Deployment } from '../support/deployment.ts';
import { testsNeed } from '../support/needed-programs.ts';
import { startPgbouncer, type Pgbouncer } from '../support/pgbouncer.ts';

const samples = 20;

let pgbouncer: Pgbouncer;
let deployment: Deployment;
const hasPgbouncer = testsNeed('pgbouncer');
beforeAll(async () => {
  if (!hasPgbouncer) return;
  const { db: direct, url } = await createTestDatabase();
  await direct.close();
  pgbouncer = await startPgbouncer(url);
  const database = { db: openDatabase({ connectionString: pgbouncer.url }), url: pgbouncer.url };
  // As it is by default, rates included; only audits are off.
  const settings = { AUDIT_ENABLED: 'false', EVENTS_POLL_SECONDS: '1', ARCHIVE_REQUESTS_PER_SECOND: '4' };
  deployment = await startDeployment({ database, settings });
  await deployment.startWorker();
});
afterAll(async () => {
  await deployment?.stop();
  await pgbouncer?.stop();
});

test('from a committed INSERT into the idle queue to the first request at the archive it takes a second or so', async () => {
  const { db, simulator } = deployment;
  const latencies: number[] = [];
  // The first one also starts the worker's caches and connections.
  for (let sample = 0; sample <= samples; sample += 1) {
    const { gid } = await addRelease(db);
    // Another phase of the poll each time.
    await wait(Math.random() * 1000);
    const { rows } = await db.query<{ id: number }>(
      `insert into artwork_indexer.event_queue (entity_type, action, message)
       values ('release', 'index', jsonb_build_object('gid', $1::text)) returning id`,
      [gid],
    );
    const committed = performance.timeOrigin + performance.now();
    await vi.waitFor(
      async () => {
        const { rows: ended } = await db.query<{ state: string }>(
          'select state from artwork_indexer.event_queue where id = $1',
          [rows[0]!.id],
        );
        expect(ended).toEqual([{ state: 'completed' }]);
      },
      { timeout: 30_000, interval: 100 },
    );
    const first = simulator.requestLog().find(({ url }) => url.includes(gid));
    if (sample > 0) latencies.push(first!.at - committed);
  }
  latencies.sort((one, other) => one - other);
  const median = (latencies[samples / 2 - 1]! + latencies[samples / 2]!) / 2;
  const longest = latencies.at(-1)!;
  const shown = latencies.map((latency) => latency.toFixed(0)).join(' ');
  process.stdout.write(
    `INSERT to first request: median ${median.toFixed(0)} ms, longest ${longest.toFixed(0)} ms (${shown})\n`,
  );
  // 1 s and 3 s on a machine that does nothing else; CI's does.
  expect(median).toBeLessThan(2000);
  expect(longest).toBeLessThan(6000);
  expect(simulator.busiestSecond()).toBeLessThanOrEqual(4);
}, 180_000);
