import { describe, expect, it } from 'vitest';
import { readXml } from '../../../src/domain/documents/xml-document.ts';
import type { EntityKey } from '../../../src/domain/entity.ts';
import { addEvent, addRelease, makeArtist } from '../../../src/simulator/musicbrainz/builders.ts';
import { deleteEntity, mergeEntity } from '../../../src/simulator/musicbrainz/changes.ts';
import { handleWebService, webServiceXml } from '../../../src/simulator/musicbrainz/web-service.ts';
import { createTestDatabase } from '../../support/database.ts';

const { db } = await createTestDatabase();

async function xmlOf(key: EntityKey): Promise<string> {
  const answer = await webServiceXml(db, key);
  if (answer.kind !== 'found') throw new Error(`the web service does not have ${key.gid}`);
  return answer.xml.toString('utf8');
}

/** The part of an entity's XML between its own tags. */
async function insideOf(key: EntityKey): Promise<string> {
  const xml = await xmlOf(key);
  return xml.slice(xml.indexOf('>', xml.indexOf(`<${key.entityType} `)) + 1, xml.indexOf(`</${key.entityType}>`));
}

describe('the XML of a release', () => {
  const nina = makeArtist({ gid: '11111111-1111-4111-8111-111111111111', name: 'Nina & Co', comment: 'the "third"' });
  const unknown = makeArtist({ gid: '22222222-2222-4222-8222-222222222222', name: '静香', type: null, country: null });

  it('has all that is known, in the order of the real service', async () => {
    const release = await addRelease(db, {
      name: 'a < b',
      credits: [
        { artist: nina, creditedAs: 'N.', joinPhrase: ' & ' },
        { artist: unknown, creditedAs: null, joinPhrase: '' },
      ],
      asin: 'B000123456',
      comment: 'deluxe',
      quality: 2,
      images: [{ types: ['Back'] }, { types: [] }],
      dates: [
        { country: 'US', year: 2012, month: null, day: null },
        { country: 'GB', year: 2011, month: 5, day: null },
      ],
    });
    expect(await xmlOf(release)).toMatch(
      /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<metadata xmlns="http:\/\/musicbrainz\.org\/ns\/mmd-2\.0#"><release id="/,
    );
    expect(await insideOf(release)).toBe(
      '<title>a &lt; b</title><status id="4e304316-386d-3409-af2e-78857eec5cfe">Official</status>' +
        '<quality>high</quality><disambiguation>deluxe</disambiguation>' +
        '<packaging id="ec27701a-4a22-37f4-bfac-6616e0f9750a">Jewel Case</packaging>' +
        '<text-representation><language>eng</language><script>Latn</script></text-representation>' +
        '<artist-credit><name-credit joinphrase=" &amp; "><name>N.</name>' +
        `<artist id="${nina.gid}" type="Person" type-id="b6e035f4-3ce9-331c-97df-83397230b0df"><name>Nina &amp; Co</name>` +
        '<sort-name>Nina &amp; Co</sort-name><country>US</country><disambiguation>the "third"</disambiguation></artist>' +
        `</name-credit><name-credit><artist id="${unknown.gid}"><name>静香</name><sort-name>静香</sort-name></artist>` +
        '</name-credit></artist-credit><date>2011-05</date><country>GB</country><release-event-list count="2">' +
        '<release-event><date>2011-05</date><area id="8a754a16-0027-3a29-b6d7-2b40ea0481ed"><name>United Kingdom</name>' +
        '<sort-name>United Kingdom</sort-name><iso-3166-1-code-list><iso-3166-1-code>GB</iso-3166-1-code>' +
        '</iso-3166-1-code-list></area></release-event><release-event><date>2012</date>' +
        '<area id="489ce91b-6658-3307-9877-02c5b87f8d34"><name>United States</name><sort-name>United States</sort-name>' +
        '<iso-3166-1-code-list><iso-3166-1-code>US</iso-3166-1-code></iso-3166-1-code-list></area></release-event>' +
        '</release-event-list><barcode>0600753319710</barcode><asin>B000123456</asin><cover-art-archive>' +
        '<artwork>true</artwork><count>2</count><front>false</front><back>true</back></cover-art-archive>',
    );
  });

  it('leaves out what nobody knows, and has an empty element for a barcode that there is none of', async () => {
    const bare = {
      credits: [{ artist: unknown, creditedAs: null, joinPhrase: '' }],
      status: null,
      packaging: null,
      language: null,
      script: null,
      dates: [],
      images: [],
    };
    const withoutBarcode = await insideOf(await addRelease(db, { ...bare, barcode: '' }));
    const unknownBarcode = await insideOf(await addRelease(db, { ...bare, barcode: null }));
    expect(withoutBarcode).toBe(
      '<title>Nothing in Particular</title><quality>normal</quality><artist-credit><name-credit>' +
        `<artist id="${unknown.gid}"><name>静香</name><sort-name>静香</sort-name></artist></name-credit></artist-credit>` +
        '<barcode></barcode><cover-art-archive><artwork>false</artwork><count>0</count><front>false</front>' +
        '<back>false</back></cover-art-archive>',
    );
    expect(unknownBarcode).toBe(withoutBarcode.replace('<barcode></barcode>', ''));
  });

  it('has a release event of an unknown country, and question marks for the unknown part of a date', async () => {
    const release = await addRelease(db, { dates: [{ country: null, year: null, month: 12, day: 24 }] });
    expect(await insideOf(release)).toContain(
      '<date>????-12-24</date><release-event-list count="1"><release-event><date>????-12-24</date></release-event>',
    );
  });

  it('says of darkened art how much there is, and that it is darkened', async () => {
    const release = await addRelease(db, { images: [{ types: ['Front'] }], darkened: true });
    expect(await insideOf(release)).toContain(
      '<cover-art-archive><artwork>false</artwork><count>1</count><front>true</front><back>false</back>' +
        '<darkened>true</darkened></cover-art-archive>',
    );
  });
});

describe('the XML of an event', () => {
  it('has names, dates, time, setlist, artists and places', async () => {
    const artist = makeArtist({ name: 'Ada', type: 'Group' });
    const place = {
      gid: '33333333-3333-4333-8333-333333333333',
      name: 'Hall',
      address: '',
      latitude: 1.5,
      longitude: -2,
    };
    const event = await addEvent(db, {
      comment: 'early show',
      cancelled: true,
      setlist: '* one\n* two',
      end: { year: null, month: null, day: null },
      performers: [{ artist, role: 'guest performer', creditedAs: 'A.' }],
      places: [place],
    });
    expect(await insideOf(event)).toBe(
      '<name>A Night in May</name><disambiguation>early show</disambiguation><cancelled>true</cancelled>' +
        '<life-span><begin>2019-05-04</begin></life-span><time>20:00</time><setlist>* one\n* two</setlist>' +
        '<relation-list target-type="artist">' +
        '<relation type="guest performer" type-id="292df906-98a6-307e-86e8-df01a579a321">' +
        `<target>${artist.gid}</target><direction>backward</direction>` +
        `<artist id="${artist.gid}" type="Group" type-id="e431f5f6-b5d2-343d-8b36-72607fffb74b"><name>Ada</name>` +
        '<sort-name>Ada</sort-name><country>US</country></artist><target-credit>A.</target-credit></relation></relation-list>' +
        '<relation-list target-type="place"><relation type="held at" type-id="e2c6f697-07dc-38b1-be0b-83d740165532">' +
        `<target>${place.gid}</target><direction>forward</direction>` +
        `<place id="${place.gid}" type="Venue" type-id="cd92781a-a73f-30e8-a430-55d7521338db"><name>Hall</name>` +
        '<coordinates><latitude>1.5</latitude><longitude>-2</longitude></coordinates></place></relation></relation-list>',
    );
  });

  it('of nothing but a name is only that', async () => {
    const nothing = { year: null, month: null, day: null };
    const event = await addEvent(db, {
      begin: nothing,
      end: nothing,
      time: null,
      performers: [],
      places: [],
      type: null,
    });
    expect(await insideOf(event)).toBe('<name>A Night in May</name>');
    expect(await xmlOf(event)).toContain(`<event id="${event.gid}">`);
  });
});

describe('the web service', () => {
  it('gives the same bytes each time, which are XML about the entity asked for', async () => {
    const release = await addRelease(db, { name: 'odd \u0001 & "quoted"\r\nline', images: 3 });
    const xml = await xmlOf(release);
    expect(await xmlOf(release)).toBe(xml);
    expect(readXml(Buffer.from(xml), 'release')).toMatchObject({ kind: 'read', gid: release.gid });
  });

  it('answers a merged MBID with the entity it was merged into, a deleted or unknown one with 404', async () => {
    const [from, into, gone] = [await addEvent(db), await addEvent(db), await addEvent(db)];
    await mergeEntity(db, from, into);
    await deleteEntity(db, gone);
    expect(await webServiceXml(db, from)).toEqual({
      kind: 'found',
      gid: into.gid,
      xml: Buffer.from(await xmlOf(into)),
    });
    for (const gid of [gone.gid, '44444444-4444-4444-8444-444444444444']) {
      expect(await webServiceXml(db, { entityType: 'event', gid })).toEqual({ kind: 'not_found' });
      const answer = await handleWebService(db, {
        method: 'GET',
        url: `/ws/2/event/${gid}?inc=artist-rels+place-rels`,
      });
      expect(answer.status).toBe(404);
      expect(answer.body.toString()).toContain('<error><text>Not Found</text>');
    }
  });

  it('answers over HTTP what it answers within, as XML', async () => {
    const release = await addRelease(db);
    const answer = await handleWebService(db, { method: 'GET', url: `/ws/2/release/${release.gid}?inc=artists` });
    expect(answer).toEqual({
      status: 200,
      headers: { 'content-type': 'application/xml; charset=UTF-8' },
      body: Buffer.from(await xmlOf(release)),
    });
  });

  it.each([
    ['no MBID', '/ws/2/release/abc?inc=artists', 400],
    ['another inc', '/ws/2/release/44444444-4444-4444-8444-444444444444?inc=labels', 400],
    ['no inc', '/ws/2/event/44444444-4444-4444-8444-444444444444', 400],
    ['another resource', '/ws/2/label/44444444-4444-4444-8444-444444444444?inc=artists', 404],
    ['an MBID that can’t be decoded', '/ws/2/release/%E0%A4%A?inc=artists', 400],
  ])('refuses %s', async (_, url, status) => {
    expect((await handleWebService(db, { method: 'GET', url })).status).toBe(status);
  });
});
