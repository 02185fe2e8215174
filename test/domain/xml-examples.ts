import type { FileTime } from '../../src/domain/documents/xml-shapes.ts';
import { gids } from './examples.ts';

const head = '<?xml version="1.0" encoding="UTF-8"?>\n<metadata xmlns="http://musicbrainz.org/ns/mmd-2.0#">';

const artist = (digit: number, name: string, sortName: string, type = ''): string =>
  `<artist id="aaaaaaaa-0000-4000-8000-00000000000${digit}"${type}><name>${name}</name><sort-name>${sortName}</sort-name></artist>`;
const person = ' type="Person" type-id="b6e035f4-3ce9-331c-97df-83397230b0df"';

/** Of a file that was written on a day (`YYYY-MM-DD`) and is looked at in November 2026. */
export const writtenOn = (day: string): FileTime => ({
  mtime: Date.parse(day) / 1000,
  now: Date.parse('2026-11-01') / 1000,
});

/** What the web service gives of a release: one with all that is compared, credited to two artists. */
export const releaseXml = [
  `${head}<release id="${gids.entity}"><title>Title &amp; more</title>`,
  '<status id="4e304316-386d-3409-af2e-78857eec5cfe">Official</status><quality>normal</quality>',
  '<disambiguation>deluxe</disambiguation>',
  '<packaging id="ec27701a-4a22-37f4-bfac-6616e0f9750a">Jewel Case</packaging>',
  '<text-representation><language>eng</language><script>Latn</script></text-representation>',
  `<artist-credit><name-credit joinphrase=" &amp; ">${artist(1, 'First One', 'One, First', person)}</name-credit>`,
  `<name-credit>${artist(2, 'Second', 'Second')}</name-credit></artist-credit>`,
  '<date>1999-05</date><country>GB</country><release-event-list count="1"><release-event><date>1999-05</date>',
  '<area id="bbbbbbbb-0000-4000-8000-000000000001"><name>United Kingdom</name><sort-name>United Kingdom</sort-name>',
  '<iso-3166-1-code-list><iso-3166-1-code>GB</iso-3166-1-code></iso-3166-1-code-list></area></release-event>',
  '</release-event-list><barcode></barcode><asin>B00000001X</asin><cover-art-archive><artwork>true</artwork>',
  '<count>3</count><front>true</front><back>false</back><darkened>false</darkened></cover-art-archive></release></metadata>',
].join('');

/** What the web service gives of an event, with two artists and a place. */
export const eventXml = [
  `${head}<event id="${gids.entity}" type="Concert" type-id="ef55e8d7-3d00-394a-8012-f5506a29ff0b"><name>Concert</name>`,
  '<cancelled>true</cancelled><life-span><begin>2020-01-01</begin><end>2020-01-01</end></life-span><time>20:00</time>',
  '<setlist>* Song 1\n* Song 2</setlist><relation-list target-type="artist">',
  '<relation type="main performer" type-id="936c7c95-3156-3889-a062-8a0cd57f8946"><target>aaaaaaaa-0000-4000-8000-000000000001</target>',
  `<direction>backward</direction>${artist(1, 'First One', 'One, First', person)}</relation>`,
  '<relation type="support act" type-id="492a850e-97eb-306a-a85e-4b6d98527796"><target>aaaaaaaa-0000-4000-8000-000000000002</target>',
  `<direction>backward</direction>${artist(2, 'Second', 'Second')}</relation></relation-list>`,
  '<relation-list target-type="place"><relation type="held at" type-id="e2c6f697-07dc-38b1-be0b-83d740165532">',
  '<target>cccccccc-0000-4000-8000-000000000001</target><direction>forward</direction>',
  '<place id="cccccccc-0000-4000-8000-000000000001"><name>Hall</name></place></relation></relation-list></event></metadata>',
].join('');

const artistUrns = [1, 2].map((digit) => `urn:mb_artist_id:aaaaaaaa-0000-4000-8000-00000000000${digit}`);

/** What the archive makes of the release's XML. */
export const derivedOfRelease = {
  title: ['Title & more'],
  creator: ['First One', 'Second'],
  'creator-alt-script': ['One, First', 'Second'],
  date: ['1999-05'],
  language: ['eng'],
  'external-identifier': [`urn:mb_release_id:${gids.entity}`, ...artistUrns, 'urn:asin:B00000001X'],
};
