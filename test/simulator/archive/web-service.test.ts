import { beforeAll, describe, expect, it } from 'vitest';
import type { Faults } from '../../../src/simulator/archive/faults.ts';
import { addRelease } from '../../../src/simulator/musicbrainz/builders.ts';
import { deleteEntity } from '../../../src/simulator/musicbrainz/changes.ts';
import { webServiceXml } from '../../../src/simulator/musicbrainz/web-service.ts';
import { createTestDatabase } from '../../support/database.ts';
import { guestOf, otherGid } from './guest.ts';

const database = await createTestDatabase();
let gid: string;
beforeAll(async () => {
  gid = (await addRelease(database.db, { name: 'Little Girl Blue' })).gid;
});

const path = (mbid: string) => `/mb/ws/2/release/${mbid}?inc=artists`;

function guest(faults: Partial<Faults> = {}) {
  return guestOf({ musicbrainz: database.db, faults });
}

describe('the web service beside the archive', () => {
  it("answers from MusicBrainz' rows, compressed where the client takes that", async () => {
    const { get, simulator } = await guest();
    const expected = await webServiceXml(database.db, { entityType: 'release', gid });
    const plain = await get(path(gid), { 'accept-encoding': 'identity' });
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect({ kind: 'found', gid, xml: Buffer.from(await plain.arrayBuffer()) }).toEqual(expected);
    const compressed = await get(path(gid), { 'accept-encoding': 'gzip, deflate' });
    expect(compressed.headers.get('content-encoding')).toBe('gzip');
    expect({ kind: 'found', gid, xml: Buffer.from(await compressed.arrayBuffer()) }).toEqual(expected);
    expect(simulator.requests().ws).toBe(2);
  });

  it('continues giving what it was told to keep, until it has caught up', async () => {
    const key = { entityType: 'release', gid: (await addRelease(database.db)).gid } as const;
    const { get, simulator } = await guest();
    const before = await (await get(path(key.gid))).text();
    await simulator.webService!.keep([key]);
    await deleteEntity(database.db, key);
    expect(await (await get(path(key.gid))).text()).toBe(before);
    simulator.webService!.catchUp();
    expect((await get(path(key.gid))).status).toBe(404);
  });

  it('knows no entity that is not there, and no MBID that is none', async () => {
    const { get } = await guest();
    expect((await get(path(otherGid))).status).toBe(404);
    expect((await get(path('none'))).status).toBe(400);
  });

  it('is over its capacity beyond the rate, until a second has passed', async () => {
    const { get, clock } = await guest({ wsRequestsPerSecond: 1 });
    expect((await get(path(gid))).status).toBe(200);
    clock.pass(0.9);
    const refused = await get(path(gid));
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    clock.pass(0.2);
    expect((await get(path(gid))).status).toBe(200);
  });

  it('can be over its capacity or fail, for one entity or at random', async () => {
    const { get, simulator } = await guest({ wsUnavailable: [gid] });
    expect([(await get(path(gid))).status, (await get(path(otherGid))).status]).toEqual([503, 404]);
    Object.assign(simulator.faults, { wsUnavailable: 0, wsError: { next: 1 } });
    expect([(await get(path(gid))).status, (await get(path(gid))).status]).toEqual([502, 200]);
  });

  it('can give a page of HTML, or half a document', async () => {
    const { get } = await guest({ htmlPage: { kinds: ['ws'], next: 1 }, cut: { kinds: ['ws'] } });
    expect(await (await get(path(gid))).text()).toContain('<html>');
    const cut = await (await get(path(gid))).text();
    expect(cut.length).toBeGreaterThan(0);
    expect(cut).not.toContain('</metadata>');
  });

  it("answers 503 where no rows of MusicBrainz' are at hand", async () => {
    const { get } = await guestOf();
    expect((await get(path(gid))).status).toBe(503);
  });
});
