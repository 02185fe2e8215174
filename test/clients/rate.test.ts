import { describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/database/connection.ts';
import { projects } from '../../src/domain/entity.ts';
import { addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { watchRate } from '../support/rate.ts';
import { atTheSimulator, gid, item } from './at-the-simulator.ts';

const at = atTheSimulator();

/** Requests of so many processes at once, each with connections of its own to the database. */
async function atOnce(
  processes: number,
  settings: Record<string, string>,
  work: (clients: ReturnType<typeof at.clients>) => Promise<unknown>,
): Promise<void> {
  const pools = Array.from({ length: processes }, () => openDatabase({ connectionString: at.url, max: 2 }));
  try {
    // Connections are made beforehand, to the database and to the services: it is the requests that are measured.
    const lifted = { ARCHIVE_REQUESTS_PER_SECOND: '100000', MUSICBRAINZ_REQUESTS_PER_SECOND: '100000' };
    await Promise.all(
      pools.map(async (pool) => {
        const { musicbrainz, reader } = at.clients(lifted, pool);
        await Promise.all([reader.observe(gid), musicbrainz.lookUp({ entityType: 'release', gid })]);
      }),
    );
    at.simulator.resetRequests();
    await Promise.all(pools.map((pool) => work(at.clients(settings, pool))));
  } finally {
    await Promise.all(pools.map((pool) => pool.close()));
  }
}

describe('several processes together', () => {
  test('never ask the archive more often in any second than the rate allows, redirects and retries included', async () => {
    const rate = 10;
    at.simulator.archive.seedItem({
      identifier: item,
      metadata: {},
      files: [{ name: 'index.json', content: Buffer.from('{}') }],
    });
    at.simulator.faults.writeRedirect = 0.5;
    at.simulator.faults.downloadError = 0.3;
    const watched = watchRate(at.simulator, { archive: rate, musicbrainz: 1 });
    await atOnce(4, { ARCHIVE_REQUESTS_PER_SECOND: String(rate) }, async ({ reader, writer, limits }) => {
      const seen = await reader.observe(gid);
      if (seen.kind === 'present') await reader.download(gid, { name: 'index.json', md5: null, maxBytes: 1000 }, seen);
      await writer.putIndex(projects.release, gid, Buffer.from('{}'));
      await limits.outstandingTasks(projects.release, gid);
      await writer.deleteFile(projects.release, gid, 'index.json');
    });
    expect(at.requests().length).toBeGreaterThan(2 * rate);
    expect(watched.end().broken).toEqual([]);
    expect(at.simulator.violations()).toEqual([]);
  });

  test('nor the web service', async () => {
    const release = { entityType: 'release', gid: (await addRelease(at.db)).gid } as const;
    const watched = watchRate(at.simulator, { archive: 1, musicbrainz: 4 });
    await atOnce(3, { MUSICBRAINZ_REQUESTS_PER_SECOND: '4' }, async ({ musicbrainz }) => {
      for (let time = 0; time < 3; time += 1) await musicbrainz.lookUp(release);
    });
    expect(at.simulator.requests().ws).toBe(9);
    expect(watched.end().broken).toEqual([]);
  });
});
