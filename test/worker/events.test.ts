import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { queueIndex } from '../../src/database/event-states/index.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { type Deployment, startDeployment } from '../support/deployment.ts';

let deployment: Deployment;

beforeAll(async () => {
  deployment = await startDeployment();
  await deployment.startWorker();
});
afterAll(() => deployment.stop());

test('a queued index event is carried out: the item has index.json and the XML', async () => {
  const { db, simulator } = deployment;
  const { gid } = await addRelease(db, { images: 2 });
  const { id } = await db.transaction((tx) => queueIndex(tx, { entityType: 'release', gid }));

  await vi.waitFor(() => expectState(id, 'completed'), { timeout: 100_000, interval: 100 });
  simulator.archive.settle();
  const names = simulator.archive.item(`mbid-${gid}`)?.files.map(({ name }) => name);
  expect(names).toContain('index.json');
  expect(names).toContain(`mbid-${gid}_mb_metadata.xml`);
});

test('event after event leaves no listener behind', async () => {
  const { db } = deployment;
  const warnings: string[] = [];
  const keep = ({ name, message }: Error): void => void warnings.push(`${name}: ${message}`);
  process.on('warning', keep);
  try {
    const ids: number[] = [];
    for (let n = 0; n < 25; n += 1) {
      const { gid } = await addRelease(db, { images: 1 });
      ids.push((await db.transaction((tx) => queueIndex(tx, { entityType: 'release', gid }))).id);
    }
    await vi.waitFor(() => Promise.all(ids.map((id) => expectState(id, 'completed'))), {
      timeout: 100_000,
      interval: 100,
    });
    expect(warnings).toEqual([]);
  } finally {
    process.off('warning', keep);
  }
});

async function expectState(id: number, state: string): Promise<void> {
  const { rows } = await deployment.db.query<{ state: string }>(
    'select state::text from artwork_indexer.event_queue where id = $1',
    [id],
  );
  expect(rows[0]?.state).toBe(state);
}
