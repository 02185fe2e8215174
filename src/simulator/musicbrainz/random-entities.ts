import type { EntityType } from '../../domain/entity.ts';
import type { Random } from '../random.ts';
import type {
  ArtistSpec,
  CountryCode,
  CreditSpec,
  EventSpec,
  ImageSpec,
  PartialDate,
  PlaceSpec,
  ReleaseDate,
  ReleaseSpec,
} from './specs.ts';

// Texts of the kinds that real data has: quotes, other scripts, right-to-left, characters above 16 bits.

const artistNames: readonly (readonly [name: string, sortName: string])[] = [
  ['Ada Quill', 'Quill, Ada'],
  ['The Paper Lanterns', 'Paper Lanterns, The'],
  ['Jürgen Weiß', 'Weiß, Jürgen'],
  ['Françoise Étoile', 'Étoile, Françoise'],
  ['山本 静香', 'Yamamoto, Shizuka'],
  ['Хор «Заря»', 'Khor "Zarya"'],
  ['Sigur & Sons', 'Sigur & Sons'],
  ['O’Malley "Lucky" Finn', 'Finn, O’Malley "Lucky"'],
  ['فرقة النور', 'Firqat al-Nur'],
  ['𝕿𝖍𝖊 𝕺𝖜𝖑𝖘', 'Owls, The'],
  ['<null>', '<null>'],
  ['Ensemble 12¾', 'Ensemble 12¾'],
];

const titles: readonly string[] = [
  'Harbour Songs',
  'Nichts Genaues',
  'L’heure "bleue"',
  '夜の地図',
  'Где-то рядом',
  'Bread & Circuses',
  'a < b > c',
  '🎷 After Hours',
  'أغاني البحر',
  'Untitled (2nd edition)',
  'C:\\tapes\\final',
  'Ágætis ferð',
];

const comments: readonly string[] = [
  '',
  '',
  '',
  'front, "special" edition',
  'Rückseite',
  '裏ジャケット',
  "it's the 2nd pressing",
  'back\\slash',
  'tab\there',
  '𝄞 side A 🎸',
  'غلاف',
  '<b>bold</b> & more',
  'c\u0327 and \u007f',
];

const disambiguations: readonly string[] = ['', '', '', 'deluxe', '“clean” version', '再発'];

const places: readonly string[] = ['Salle des Fêtes', 'Großer Saal', 'The Cellar', '武道館', 'Дом культуры'];

const setlists: readonly string[] = ['@ Ada Quill\n* Harbour\n* Tide & time', '# encore\r\n* 夜の地図', '* "Solo"'];

const countries: readonly CountryCode[] = ['AU', 'DE', 'FR', 'GB', 'JP', 'US', 'XE', 'XW'];

/** What is drawn from while entities are made: the same world gives the same entities in the same order. */
export interface World {
  readonly random: Random;
  readonly artists: readonly ArtistSpec[];
  readonly places: readonly PlaceSpec[];
  /** Ids grow, as the archive's do, so that none comes twice. 11 digits. */
  nextArtworkId(): number;
}

export function createWorld(random: Random, artistCount: number): World {
  let artworkId = 10_000_000_000 + random.integer(0, 30_000_000_000);
  return {
    random,
    artists: Array.from({ length: artistCount }, () => randomArtist(random)),
    places: Array.from({ length: 10 }, () => randomPlace(random)),
    nextArtworkId: () => (artworkId += random.integer(1, 100_000)),
  };
}

/** A release with anything that one may have or lack. */
export function randomRelease(world: World, images: readonly ImageSpec[], darkened = false): ReleaseSpec {
  const { random } = world;
  return {
    gid: random.uuid(),
    name: random.pick(titles),
    credits: randomCredits(world),
    status: random.pick(['Official', 'Official', 'Official', 'Promotion', 'Bootleg', 'Pseudo-Release', null]),
    packaging: random.pick(['Jewel Case', 'Digipak', 'Cardboard/Paper Sleeve', 'None', null]),
    language: random.pick(['eng', 'eng', 'deu', 'fra', 'jpn', 'mul', 'zxx', null]),
    script: random.pick(['Latn', 'Latn', 'Jpan', 'Cyrl', 'Zsym', null]),
    barcode: random.pick([null, '', digits(random, 12), digits(random, 13)]),
    asin: random.chance(0.4) ? `B00${digits(random, 7)}` : null,
    comment: random.pick(disambiguations),
    quality: random.pick([-1, -1, -1, 0, 1, 2]),
    dates: randomReleaseDates(random),
    darkened,
    images,
  };
}

/** A MusicBrainz event with anything that one may have or lack. */
export function randomEvent(world: World, images: readonly ImageSpec[], darkened = false): EventSpec {
  const { random } = world;
  const begin = randomDate(random);
  return {
    gid: random.uuid(),
    name: random.pick(titles),
    type: random.pick(['Concert', 'Concert', 'Festival', null]),
    begin,
    end: random.chance(0.8) ? begin : { year: null, month: null, day: null },
    time: random.pick(['20:00', '19:30', null]),
    cancelled: random.chance(0.05),
    setlist: random.chance(0.3) ? random.pick(setlists) : null,
    comment: random.pick(disambiguations),
    performers: random
      .shuffle(world.artists)
      .slice(0, random.integer(0, 3))
      .map((artist) => ({
        artist,
        role: random.pick(['main performer', 'guest performer', 'support act']),
        creditedAs: random.chance(0.2) ? `${artist.name} (live)` : '',
      })),
    places: random.chance(0.8) ? [random.pick(world.places)] : [],
    darkened,
    images,
  };
}

export function randomImages(world: World, entityType: EntityType, count: number): ImageSpec[] {
  return Array.from({ length: count }, (_, at) => randomImage(world, entityType, at + 1));
}

/** An image for a place among its entity's, from 1. The first one is usually the front or the poster. */
export function randomImage(world: World, entityType: EntityType, ordering: number): ImageSpec {
  const { random } = world;
  const types =
    entityType === 'release'
      ? ['Front', 'Back', 'Booklet', 'Medium', 'Spine', 'Obi', 'Tray', 'Raw/Unedited']
      : ['Poster', 'Flyer', 'Program', 'Ticket', 'Setlist', 'Banner'];
  const several = random.shuffle(types).slice(0, random.pick([0, 1, 1, 1, 2, 3]));
  const first = types.slice(0, 1);
  return {
    id: world.nextArtworkId(),
    suffix: random.pick(['jpg', 'jpg', 'jpg', 'jpg', 'png', 'png', 'gif', 'pdf']),
    types: ordering === 1 && random.chance(0.8) ? [...new Set([...first, ...several])] : several,
    comment: random.pick(comments),
    ordering,
    approved: random.chance(0.9),
    ageDays: random.integer(1, 3000),
  };
}

function randomArtist(random: Random): ArtistSpec {
  const [name, sortName] = random.pick(artistNames);
  return {
    gid: random.uuid(),
    name,
    sortName,
    type: random.pick(['Person', 'Group', null]),
    country: random.pick([...countries, null]),
    comment: random.pick(disambiguations),
  };
}

function randomPlace(random: Random): PlaceSpec {
  const located = random.chance(0.7);
  return {
    gid: random.uuid(),
    name: random.pick(places),
    address: random.pick(['', '1 Long Lane', 'Straße des 17. Juni 100']),
    latitude: located ? random.integer(-90_000, 90_000) / 1000 : null,
    longitude: located ? random.integer(-180_000, 180_000) / 1000 : null,
  };
}

function randomCredits({ random, artists }: World): CreditSpec[] {
  const credited = Array.from({ length: random.pick([1, 1, 1, 2, 3]) }, () => random.pick(artists));
  return [...new Set(credited)].map((artist, at, all) => ({
    artist,
    creditedAs: random.chance(0.15) ? artist.name.toUpperCase() : null,
    joinPhrase: at === all.length - 1 ? '' : random.pick([' & ', ' feat. ', ', ']),
  }));
}

function randomReleaseDates(random: Random): ReleaseDate[] {
  const events = random
    .shuffle(countries)
    .slice(0, random.pick([0, 1, 1, 1, 2, 4]))
    .map((country) => ({ country, ...randomDate(random) }));
  if (!random.chance(0.15)) return events;
  const nowhere = { country: null, ...randomDate(random) };
  // MusicBrainz keeps no date of which neither the country nor anything else is known.
  return nowhere.year === null ? events : [...events, nowhere];
}

function randomDate(random: Random): PartialDate {
  const known = random.pick([0, 1, 2, 3, 3, 3]);
  return {
    year: known >= 1 ? random.integer(1950, 2024) : null,
    month: known >= 2 ? random.integer(1, 12) : null,
    day: known >= 3 ? random.integer(1, 28) : null,
  };
}

function digits(random: Random, count: number): string {
  return Array.from({ length: count }, () => random.integer(0, 9)).join('');
}
