import { anImage, gids, liveRelease } from './examples.ts';

/*
 * The documents of one release and one event as the servers of each period would have written them: elements,
 * attributes, order and layout by the history of musicbrainz-server's XMLSerializer and of CAA-indexer. Written here by
 * that history, about nobody who exists. They are not made by any code of ours, so that a mistake in our table of dated
 * shapes shows.
 */

/** The web service's answers and the indexer's index.json of one period. */
export interface PeriodDocuments {
  readonly period: string;
  /** When the files were written, in seconds since 1970. */
  readonly mtime: number;
  readonly releaseXml: string;
  readonly eventXml: string;
  /** Of {@link indexedRelease}. */
  readonly index: string;
}

const gid = gids.entity;
const persona = '3f0a9b52-9d3e-4c5b-8a54-0d3c1a3b2f10';
const group = '5c2d7e1a-6b1f-4f0e-9a55-2b8d9c7e6f21';
const hall = '7d1b2c3e-4f5a-4b6c-8d7e-9f0a1b2c3d32';
const portugal = 'b7fefc4b-2f5a-4c8f-9d8e-1a2b3c4d5e43';
const namespace = 'xmlns="http://musicbrainz.org/ns/mmd-2.0#"';
const declaration = '<?xml version="1.0" encoding="UTF-8"?>';

const isPerson = ' type="Person" type-id="b6e035f4-3ce9-331c-97df-83397230b0df"';
const isGroup = ' type="Group" type-id="e431f5f6-b5d2-343d-8b36-72607fffb74b"';
const isVenue = ' type="Venue" type-id="cd92781a-a73f-30e8-a430-55d7521338db"';
const country = '<country>PT</country>';

/** What differs between the periods, in the words of the serializer. */
interface ReleaseForm {
  readonly ids?: boolean;
  readonly types?: boolean;
  readonly country?: boolean;
}

function releaseOf({ ids = false, types = false, country: withCountry = false }: ReleaseForm): string {
  const [person, band] = types ? [isPerson, isGroup] : ['', ''];
  const lives = withCountry ? country : '';
  return [
    `<release id="${gid}"><title>Azul &amp; Prata</title>`,
    ids ? '<status id="4e304316-386d-3409-af2e-78857eec5cfe">Official</status>' : '<status>Official</status>',
    '<quality>normal</quality><disambiguation>first pressing</disambiguation>',
    ids
      ? '<packaging id="ec27701a-4a22-37f4-bfac-6616e0f9750a">Jewel Case</packaging>'
      : '<packaging>Jewel Case</packaging>',
    '<text-representation><language>por</language><script>Latn</script></text-representation>',
    `<artist-credit><name-credit joinphrase=" e "><name>Vera C.</name><artist id="${persona}"${person}><name>Vera Costa</name>`,
    `<sort-name>Costa, Vera</sort-name>${lives}<disambiguation>singer</disambiguation></artist></name-credit>`,
    `<name-credit><artist id="${group}"${band}><name>Os Faróis</name><sort-name>Faróis, Os</sort-name>${lives}</artist></name-credit></artist-credit>`,
    '<date>2011-11</date><country>PT</country><release-event-list count="1"><release-event><date>2011-11</date>',
    `<area id="${portugal}"><name>Portugal</name><sort-name>Portugal</sort-name>`,
    '<iso-3166-1-code-list><iso-3166-1-code>PT</iso-3166-1-code></iso-3166-1-code-list></area></release-event>',
    '</release-event-list><barcode></barcode><asin>B0064X7QRS</asin><cover-art-archive><artwork>true</artwork>',
    '<count>2</count><front>true</front><back>true</back></cover-art-archive></release>',
  ].join('');
}

interface EventForm {
  readonly typeIds?: boolean;
  readonly forward?: boolean;
  readonly types?: boolean;
  readonly attributeIds?: boolean;
  readonly country?: boolean;
}

function eventOf({ typeIds, forward, types, attributeIds, country: withCountry }: EventForm): string {
  const [person, venue] = types === true ? [isPerson, isVenue] : ['', ''];
  const concert = typeIds === true ? ' type-id="ef55e8d7-3d00-394a-8012-f5506a29ff0b"' : '';
  const guest = attributeIds === true ? ' type-id="b3045913-62ac-433e-9211-ac683cdf6b5c"' : '';
  return [
    `<event id="${gid}" type="Concert"${concert}><name>Noite Azul</name>`,
    '<life-span><begin>2014-07-05</begin><end>2014-07-05</end></life-span><time>21:30</time>',
    '<setlist>* Farol\n* Maré</setlist><relation-list target-type="artist">',
    `<relation type="main performer" type-id="936c7c95-3156-3889-a062-8a0cd57f8946"><target>${persona}</target>`,
    `<direction>backward</direction><attribute-list><attribute${guest}>guest</attribute></attribute-list>`,
    `<artist id="${persona}"${person}><name>Vera Costa</name><sort-name>Costa, Vera</sort-name>`,
    `${withCountry === true ? country : ''}<disambiguation>singer</disambiguation></artist></relation></relation-list>`,
    '<relation-list target-type="place"><relation type="held at" type-id="e2c6f697-07dc-38b1-be0b-83d740165532">',
    `<target>${hall}</target>${forward === true ? '<direction>forward</direction>' : ''}<place id="${hall}"${venue}>`,
    '<name>Cine-Teatro</name><address>Rua Larga 1</address><coordinates><latitude>38.7</latitude>',
    '<longitude>-9.1</longitude></coordinates></place></relation></relation-list></event>',
  ].join('');
}

/** Until the release of 14 October 2019 answers were one line; since then libxml ends declaration and document with one. */
const oneLine = (entity: string): string => `${declaration}<metadata ${namespace}>${entity}</metadata>`;
const lines = (entity: string): string => `${declaration}\n<metadata ${namespace}>${entity}</metadata>\n`;

const art = (scheme: 'http' | 'https', name: string): string =>
  `${scheme}://coverartarchive.org/release/${gid}/${name}`;

/** Perl's hashes stood in no order until August 2017, and identifiers of 64 bits were texts until November 2016. */
const index2012 = [
  '{"images":[{"types":["Front","Back"],"front":true,"back":true,"edit":17462565,',
  `"image":"${art('http', '829521842.jpg')}","comment":"versão","approved":false,"id":"829521842",`,
  `"thumbnails":{"large":"${art('http', '829521842-500.jpg')}","small":"${art('http', '829521842-250.jpg')}"}},`,
  `{"types":["Booklet"],"front":false,"back":false,"edit":17462566,"image":"${art('http', '9874563210.png')}",`,
  `"comment":"","approved":true,"id":"9874563210","thumbnails":{"large":"${art('http', '9874563210-500.jpg')}",`,
  `"small":"${art('http', '9874563210-250.jpg')}"}}],"release":"http://musicbrainz.org/release/${gid}"}`,
].join('');

const thumbnails = (scheme: 'http' | 'https', id: string, colon: string, comma: string): string =>
  [
    `"1200"${colon}"${art(scheme, `${id}-1200.jpg`)}"`,
    `"250"${colon}"${art(scheme, `${id}-250.jpg`)}"`,
    `"500"${colon}"${art(scheme, `${id}-500.jpg`)}"`,
    `"large"${colon}"${art(scheme, `${id}-500.jpg`)}"`,
    `"small"${colon}"${art(scheme, `${id}-250.jpg`)}"`,
  ].join(comma);

/** Of January 2018: in sorted order, numbers, the release's address with https, but still two thumbnails. */
const index2018 = [
  '{"images":[{"approved":false,"back":true,"comment":"versão","edit":17462565,"front":true,"id":829521842,',
  `"image":"${art('http', '829521842.jpg')}","thumbnails":{"large":"${art('http', '829521842-500.jpg')}",`,
  `"small":"${art('http', '829521842-250.jpg')}"},"types":["Front","Back"]},`,
  '{"approved":true,"back":false,"comment":"","edit":17462566,"front":false,"id":9874563210,',
  `"image":"${art('http', '9874563210.png')}","thumbnails":{"large":"${art('http', '9874563210-500.jpg')}",`,
  `"small":"${art('http', '9874563210-250.jpg')}"},"types":["Booklet"]}],"release":"https://musicbrainz.org/release/${gid}"}`,
].join('');

const index2021 = [
  '{"images":[{"approved":false,"back":true,"comment":"versão","edit":17462565,"front":true,"id":829521842,',
  `"image":"${art('http', '829521842.jpg')}","thumbnails":{${thumbnails('http', '829521842', ':', ',')}},"types":["Front","Back"]},`,
  '{"approved":true,"back":false,"comment":"","edit":17462566,"front":false,"id":9874563210,',
  `"image":"${art('http', '9874563210.png')}","thumbnails":{${thumbnails('http', '9874563210', ':', ',')}},"types":["Booklet"]}],`,
  `"release":"https://musicbrainz.org/release/${gid}"}`,
].join('');

/** The Python indexer's. */
const indexToday = [
  '{"images": [{"approved": false, "back": true, "comment": "vers\\u00e3o", "edit": 17462565, "front": true, "id": 829521842, ',
  `"image": "${art('https', '829521842.jpg')}", "thumbnails": {${thumbnails('https', '829521842', ': ', ', ')}}, "types": ["Front", "Back"]}, `,
  '{"approved": true, "back": false, "comment": "", "edit": 17462566, "front": false, "id": 9874563210, ',
  `"image": "${art('https', '9874563210.png')}", "thumbnails": {${thumbnails('https', '9874563210', ': ', ', ')}}, "types": ["Booklet"]}], `,
  `"release": "https://musicbrainz.org/release/${gid}"}`,
].join('');

/** Quality came after packaging; no release events, no art; a barcode that is none was not said. */
const release2012 = releaseOf({})
  .replace('<quality>normal</quality>', '')
  .replace('</packaging>', '</packaging><quality>normal</quality>')
  .replace(/<release-event-list.*<\/release-event-list>/, '')
  .replace('<barcode></barcode>', '')
  .replace(/<cover-art-archive>.*<\/cover-art-archive>/, '');

const seconds = (day: string): number => Date.parse(`${day}T12:00:00Z`) / 1000;

export const periods: readonly PeriodDocuments[] = [
  {
    period: '2012',
    mtime: seconds('2012-06-20'),
    releaseXml: oneLine(release2012),
    eventXml: oneLine(eventOf({}).replaceAll(/(<relation type="[^"]*") type-id="[^"]*"/g, '$1')),
    index: index2012,
  },
  {
    period: '2015',
    mtime: seconds('2015-06-20'),
    releaseXml: oneLine(releaseOf({})),
    eventXml: oneLine(eventOf({})),
    index: index2012,
  },
  {
    period: '2018',
    mtime: seconds('2018-01-20'),
    releaseXml: oneLine(releaseOf({ ids: true })),
    eventXml: oneLine(eventOf({ typeIds: true })),
    index: index2018,
  },
  {
    period: '2021',
    mtime: seconds('2021-06-20'),
    releaseXml: lines(releaseOf({ ids: true, types: true })),
    eventXml: lines(eventOf({ typeIds: true, forward: true, types: true, attributeIds: true })),
    index: index2021,
  },
  {
    period: '2024',
    mtime: seconds('2024-03-20'),
    releaseXml: lines(releaseOf({ ids: true, types: true })),
    eventXml: lines(eventOf({ typeIds: true, forward: true, types: true, attributeIds: true })),
    index: index2021,
  },
  {
    period: 'today',
    mtime: seconds('2026-06-20'),
    releaseXml: lines(releaseOf({ ids: true, types: true, country: true })),
    eventXml: lines(eventOf({ typeIds: true, forward: true, types: true, attributeIds: true, country: true })),
    index: indexToday,
  },
];

/** What the web service and the indexer give today. */
export const today = periods[periods.length - 1] as PeriodDocuments;

/** What MusicBrainz has of the release's images. */
export const indexedRelease = liveRelease([
  anImage(829521842, {
    approved: false,
    isFront: true,
    isBack: true,
    comment: 'versão',
    edit: 17462565,
    types: ['Front', 'Back'],
  }),
  anImage(9874563210, { suffix: 'png', isBack: false, edit: 17462566, types: ['Booklet'] }),
]);
