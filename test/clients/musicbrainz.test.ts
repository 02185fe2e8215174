import { beforeEach, describe, expect, test } from 'vitest';
import { CoolDownError, UnreadableError } from '../../src/clients/errors.ts';
import { takeTurns } from '../../src/database/brakes/budget.ts';
import { addEvent, addRelease } from '../../src/simulator/musicbrainz/builders.ts';
import { mergeEntity } from '../../src/simulator/musicbrainz/changes.ts';
import { webServiceXml } from '../../src/simulator/musicbrainz/web-service.ts';
import { atTheSimulator, clientsOf, gid } from './at-the-simulator.ts';
import { startAnsweringServer } from './answering-server.ts';

const at = atTheSimulator();
const release = { entityType: 'release', gid } as const;

describe('an entity’s XML', () => {
  let known: { readonly release: string; readonly event: string };
  beforeEach(async () => {
    known = { release: (await addRelease(at.db)).gid, event: (await addEvent(at.db)).gid };
  });

  test.each([
    ['release', 'artists'],
    ['event', 'artist-rels+place-rels'],
  ] as const)('of a %s is asked for once, with inc=%s, and comes byte for byte', async (entityType, inc) => {
    const key = { entityType, gid: known[entityType] };
    const answer = await at.clients().musicbrainz.lookUp(key);
    const expected = await webServiceXml(at.db, key);
    expect(answer).toMatchObject(expected);
    const [request, ...others] = at.requests();
    expect(others).toEqual([]);
    expect(request!.url).toBe(`/mb/ws/2/${entityType}/${key.gid}?inc=${inc}`);
    expect(request!.headers).not.toHaveProperty('mb-set-database');
    expect(request!.headers).not.toHaveProperty('authorization');
    expect(request!.headers['user-agent']).toBe('program/1.2 (somebody@example.org)');
    // The answer is packed where it may be: what is kept is what was packed.
    expect(request!.headers['accept-encoding']).toBe('gzip');
  });

  test('is asked of the database that is configured', async () => {
    await at.clients({ MUSICBRAINZ_DATABASE: 'TEST' }).musicbrainz.lookUp({ ...release, gid: known.release });
    expect(at.requests()[0]!.headers['mb-set-database']).toBe('TEST');
  });

  test('of a merged one names the one that it was merged into', async () => {
    const into = await addRelease(at.db);
    await mergeEntity(at.db, { entityType: 'release', gid: known.release }, { entityType: 'release', gid: into.gid });
    const answer = await at.clients().musicbrainz.lookUp({ ...release, gid: known.release });
    expect(answer).toMatchObject({ kind: 'found', gid: into.gid });
  });

  test('is counted', async () => {
    const clients = at.clients();
    await clients.musicbrainz.lookUp({ entityType: 'release', gid: known.release });
    expect(clients.counts()).toEqual({ ws: 1 });
  });

  test('of an unknown one is not found', async () => {
    expect(await at.clients().musicbrainz.lookUp(release)).toEqual({ kind: 'not_found' });
  });

  test.each([204, 301, 400, 401, 403, 410, 500, 502, 503])('is not unknown where %d is answered', async (status) => {
    const server = await startAnsweringServer((_request, response) => response.writeHead(status).end());
    const { musicbrainz } = clientsOf(at.db, { MUSICBRAINZ_URL: server.url });
    await expect(musicbrainz.lookUp(release)).rejects.toThrow(UnreadableError);
  });

  test.each([201, 202, 500])('is not what comes with %d, though it be XML about it', async (status) => {
    const server = await startAnsweringServer((_request, response) =>
      response
        .writeHead(status)
        .end(`<metadata xmlns="http://musicbrainz.org/ns/mmd-2.0#"><release id="${gid}"/></metadata>`),
    );
    const { musicbrainz } = clientsOf(at.db, { MUSICBRAINZ_URL: server.url });
    await expect(musicbrainz.lookUp(release)).rejects.toThrow(
      new RegExp(`^HTTP ${status}.* \\(GET ${server.url}/ws/2/release/${gid}\\?inc=artists\\)$`),
    );
  });

  test('that does not come at all is told with its request', async () => {
    const server = await startAnsweringServer((_request, response) => response.destroy());
    const { musicbrainz } = clientsOf(at.db, { MUSICBRAINZ_URL: server.url });
    await expect(musicbrainz.lookUp(release)).rejects.toThrow(`(GET ${server.url}/ws/2/release/${gid}?inc=artists)`);
  });

  test.each(['wsError', 'cut', 'htmlPage', 'truncated', 'connectionReset'] as const)(
    'that comes as %s is no answer',
    async (fault) => {
      at.simulator.faults[fault] = 1;
      await expect(at.clients().musicbrainz.lookUp({ ...release, gid: known.release })).rejects.toThrow(
        UnreadableError,
      );
    },
  );
});

describe('what is not XML about an entity of the kind is no answer', () => {
  const metadata = (inner: string): string =>
    `<metadata xmlns="http://musicbrainz.org/ns/mmd-2.0#">${inner}</metadata>`;

  test.each([
    ['nothing', ''],
    ['a page', '<html><body>We are down</body></html>'],
    ['an error', '<error><text>Oops</text></error>'],
    ['another kind of entity', metadata(`<event id="${gid}"/>`)],
    ['an entity without an id', metadata('<release/>')],
    ['an id that is no MBID', metadata('<release id="17"/>')],
    ['an element that isn’t closed', metadata(`<release id="${gid}"><title>x</release>`)],
    ['half a character', Buffer.from(metadata(`<release id="${gid}"><title>é</title></release>`)).subarray(0, -22)],
    ['JSON', JSON.stringify({ id: gid })],
  ])('%s', async (_what, body) => {
    const server = await startAnsweringServer((_request, response) => response.end(body));
    const { musicbrainz } = clientsOf(at.db, { MUSICBRAINZ_URL: server.url });
    await expect(musicbrainz.lookUp(release)).rejects.toThrow(/answer is not XML about a release: .* \(GET http/);
  });
});

test('a web service that is over its capacity says how long it wants to be left alone, and is', async () => {
  const server = await startAnsweringServer((_request, response) =>
    response.writeHead(503, { 'retry-after': '600' }).end(),
  );
  const { musicbrainz } = clientsOf(at.db, { MUSICBRAINZ_URL: server.url });
  await expect(musicbrainz.lookUp(release)).rejects.toThrow(/musicbrainz is cooling down for another (599|600) s/);
  await expect(musicbrainz.lookUp(release)).rejects.toThrow(/musicbrainz is cooling down/);
  expect(server.received).toHaveLength(1);
  // The archive is somebody else.
  await at.clients().reader.observe(gid);
});

test('a turn at the web service is waited for no longer than asked for, and one at the archive as long as ever', async () => {
  await takeTurns(at.db, 'musicbrainz', { requestsPerSecond: 1 });
  await at.db.query(`update artwork_reconciler.budget set next_free_at = clock_timestamp() + interval '3 seconds'`);
  const waits: number[] = [];
  const { musicbrainz, reader } = at.clients({}, at.db, {
    webServiceWaitSeconds: 2,
    keepAlive: async (longest, asked) => (waits.push(longest), asked),
  });
  const error: unknown = await musicbrainz.lookUp(release).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(CoolDownError);
  expect((error as CoolDownError).waitSeconds).toBeGreaterThan(2);
  expect((error as CoolDownError).waitSeconds).toBeLessThanOrEqual(3);
  expect(at.requests()).toEqual([]);
  await reader.observe(gid);
  const turn = 3 * 120_000;
  const answer = 5 * 60_000;
  expect(waits).toEqual([3 * 2_000, turn, answer, turn, answer]);
});

test('the time that clients tell is in seconds', async () => {
  const clients = at.clients();
  await clients.reader.observe(gid);
  expect(Math.abs(clients.now() - Date.now() / 1000)).toBeLessThan(60);
});
