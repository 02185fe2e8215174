import { describe, expect, it } from 'vitest';
import { checkIndex } from '../../../src/domain/checks/check-index.ts';
import { checkItem } from '../../../src/domain/checks/catalogue.ts';
import { checkDerived } from '../../../src/domain/checks/derived-check.ts';
import { groupFindings } from '../../../src/domain/checks/findings.ts';
import { defaultPolicies } from '../../../src/domain/checks/policies.ts';
import { checkXml } from '../../../src/domain/checks/xml-checks.ts';
import { decide, type Decision } from '../../../src/domain/decision/decision.ts';
import { xmlFileName } from '../../../src/domain/documents/file-names.ts';
import { expectedIndex } from '../../../src/domain/documents/index-document.ts';
import { imagesInQuestion } from '../../../src/domain/documents/item-files.ts';
import type { EntityKey, EntityType } from '../../../src/domain/entity.ts';
import type { ExpectedState } from '../../../src/domain/expected-state.ts';
import type { ObservedFile } from '../../../src/domain/documents/observed-item.ts';
import { deriveMetadata } from '../../../src/simulator/archive/derivatives.ts';
import { indexBytes } from '../../../src/simulator/drift/index-of-day.ts';
import { eventElement } from '../../../src/simulator/musicbrainz/event-document.ts';
import { releaseElement } from '../../../src/simulator/musicbrainz/release-document.ts';
import { metadataDocument } from '../../../src/simulator/musicbrainz/xml.ts';
import { createRandom, type Random } from '../../../src/simulator/random.ts';
import { aFile, anImage, imageFiles } from '../../domain/examples.ts';
import { eventRow, releaseRow } from './rows-of-periods.ts';

/** The forms that the archive's older files have and that nobody minds: the breaker's exceptions. */
const historic = ['index.url_scheme', 'index.entity_url', 'index.image_shape', 'index.value_type', 'files.mb_metadata'];

/** An entity, and its item as it was uploaded on one day. */
interface Case {
  readonly key: EntityKey;
  readonly expected: ExpectedState;
  readonly day: string;
  /** What the web service says today. */
  readonly answer: Buffer;
  readonly files: readonly ObservedFile[];
  readonly index: string;
  readonly xml: string;
  readonly metadata: Readonly<Record<string, readonly string[]>>;
}

/** One way to have drifted, with the one check that has to find it. */
interface Drift {
  readonly name: string;
  readonly check: string;
  readonly entityTypes?: readonly EntityType[];
  /** The first day on which a file could show it. */
  readonly since?: string;
  readonly change: (was: Case) => Partial<Case>;
}

const ofReleases = ['release'] as const;
const ofEvents = ['event'] as const;
const inXml = (from: RegExp | string, to: string) => (was: Case) => ({ xml: was.xml.replace(from, to) });
const withoutFile = (named: (was: Case) => string) => (was: Case) => ({
  files: was.files.filter(({ name }) => name !== named(was)),
});

const drifts: readonly Drift[] = [
  { name: 'renamed since', check: 'xml.value', change: inXml(/<(title|name)>[^<]*/, '<$1>Working title') },
  { name: 'an artist renamed since', check: 'xml.value', change: inXml(/<sort-name>[^<]*/, '<sort-name>Formerly') },
  { name: 'another artist', check: 'xml.value', change: inXml(/(?<=<artist id=")[0-9a-f]{8}/, '99999999') },
  { name: 'cut off', check: 'xml.well_formed', change: ({ xml }) => ({ xml: xml.slice(0, xml.length / 2) }) },
  { name: 'more than there is now', check: 'xml.value', change: inXml(/<\/(title|name)>/, '</$1><asin>B</asin>') },
  {
    name: 'no status id, though given',
    check: 'xml.value',
    entityTypes: ofReleases,
    since: '2016-05-23',
    change: inXml(/<status id="[^"]*">/, '<status>'),
  },
  {
    name: 'no release events, though given',
    check: 'xml.value',
    entityTypes: ofReleases,
    since: '2013-05-15',
    change: inXml(/<release-event-list.*<\/release-event-list>/, ''),
  },
  {
    name: 'no art, though given',
    check: 'xml.value',
    entityTypes: ofReleases,
    since: '2013-01-28',
    change: inXml(/<cover-art-archive>.*<\/cover-art-archive>/, ''),
  },
  {
    name: 'no direction, though given',
    check: 'xml.value',
    entityTypes: ofEvents,
    since: '2019-10-14',
    change: inXml('<direction>forward</direction>', ''),
  },
  {
    name: 'no type, though given',
    check: 'xml.value',
    since: '2020-04-27',
    change: inXml(/(<artist id="[^"]*") type="[^"]*" type-id="[^"]*"/, '$1'),
  },
  {
    name: 'no country, though given',
    check: 'xml.value',
    since: '2025-04-14',
    change: inXml(/<country>PT<\/country>(?=<disambiguation>)/, ''),
  },
  {
    name: 'another comment',
    check: 'index.value',
    change: ({ index }) => ({ index: index.replace(/("comment": ?")/, '$1old ') }),
  },
  {
    name: 'an image not listed',
    check: 'index.image_missing',
    change: (was) => ({ index: indexOf(was.expected, was.day, 1) }),
  },
  { name: 'no index.json', check: 'files.index_json', change: withoutFile(() => 'index.json') },
  { name: 'no JSON', check: 'index.well_formed', change: () => ({ index: '<html>' }) },
  {
    name: 'another collection',
    check: 'meta.collection',
    change: ({ metadata }) => ({ metadata: { ...metadata, collection: ['opensource'] } }),
  },
  {
    name: 'a title that was not derived',
    check: 'meta.derived',
    entityTypes: ofReleases,
    change: ({ metadata }) => ({ metadata: { ...metadata, title: ['Working title'] } }),
  },
  {
    name: 'an original missing',
    check: 'files.image',
    change: withoutFile(
      ({ key, expected }) => `mbid-${key.gid}-${expected.images[0]?.id}.${expected.images[0]?.suffix}`,
    ),
  },
];

function indexOf(expected: ExpectedState, day: string, from = 0): string {
  return indexBytes(expectedIndex({ ...expected, images: expected.images.slice(from) }), day).toString();
}

const years = [2012, 2015, 2018, 2021, 2024, 2026];

/** Everything in step, but that nothing was uploaded since a day. */
function inStep(random: Random, entityType: EntityType): Case {
  const gid = random.uuid();
  const key = { entityType, gid };
  // A day of the year; of the present one only what has passed.
  const year = random.pick(years);
  const month = random.integer(year === 2012 ? 4 : 1, year === 2026 ? 6 : 12);
  const day = `${year}-${String(month).padStart(2, '0')}-${String(random.integer(1, 28)).padStart(2, '0')}`;
  const images = Array.from({ length: random.integer(2, 4) }, (_, n) =>
    anImage(random.integer(1_000_000_000, 40_000_000_000), {
      suffix: 'jpg',
      isFront: n === 0,
      isBack: entityType === 'event' ? null : n === 1,
      comment: random.pick(['', 'versão', 'a "b"']),
      types: random.pick([[], ['Front'], ['Front', 'Back']]),
    }),
  );
  const expected: ExpectedState = {
    key,
    identity: 'live',
    mergedInto: null,
    mergedFrom: [],
    presence: 'present',
    images,
  };
  const content = elementOf(random, key, images.length);
  const xml = metadataDocument(content, day);
  const project = entityType === 'release' ? 'coverartarchive' : 'eventartarchive';
  const derived = Object.entries(deriveMetadata(xml) ?? {}).map(([field, value]) => [field, [value].flat()] as const);
  const mtime = Date.parse(day) / 1000;
  return {
    key,
    expected,
    day,
    answer: metadataDocument(content),
    files: [
      ...images.flatMap(({ id, suffix }) => imageFiles(gid, id, suffix)),
      aFile('index.json'),
      aFile(xmlFileName(gid)),
    ].map((file) => ({ ...file, mtime })),
    index: indexOf(expected, day),
    xml: xml.toString(),
    metadata: { collection: [project], mediatype: ['image'], noindex: ['true'], ...Object.fromEntries(derived) },
  };
}

function elementOf(random: Random, { entityType, gid }: EntityKey, count: number) {
  const [performer] = eventRow.artists;
  if (entityType === 'event')
    return eventElement({
      ...eventRow,
      gid,
      name: random.pick(['Noite', 'A & B', '夜']),
      artists: performer ? [performer] : [],
    });
  const [first, ...others] = releaseRow.credits;
  return releaseElement({
    ...releaseRow,
    gid,
    name: random.pick(['Azul', 'A < B', '青']),
    barcode: random.pick(['', null, '5601234567890']),
    credits: [...(first ? [first] : []), ...others.filter(() => random.chance(0.5))],
    art: { count, front: true, back: true },
  });
}

function audited({ key, expected, answer, files, index, xml, metadata, day }: Case): Decision {
  const item = { kind: 'present', files, metadata, lastUpdated: Date.parse(day) / 1000, nodes: [], dir: null } as const;
  const images = imagesInQuestion(expected, item);
  const time = { mtime: Date.parse(day) / 1000, now: Date.parse('2026-11-01') / 1000 };
  const differences = [
    ...checkItem(expected, item),
    ...(files.some(({ name }) => name === 'index.json') ? checkIndex(expected, Buffer.from(index)) : []),
    ...checkXml(key, answer, Buffer.from(xml), time),
    ...checkDerived(key, metadata, Buffer.from(xml)),
  ];
  return decide({
    expected,
    findings: groupFindings(differences, defaultPolicies),
    images: { ...images, owners: new Map(), copies: [] },
    policies: defaultPolicies,
    wontFixEvidence: [],
    repairedBefore: {},
  });
}

/** What an audit says that counts: the checks that repair or ask a person, historic forms apart; and the decision. */
function saidOf({ decision, findings }: Decision): string {
  const deciding = findings.filter(({ check, policy }) => policy !== 'report' && !historic.includes(check));
  return `${decision}: ${deciding.map(({ check }) => check).join(', ') || 'nothing'}`;
}

/** What it has to say: a drift by its own check; and an old index.json is given today's form. */
function labelOf({ day }: Case, drift: Drift | null): string {
  const check = drift?.check ?? 'nothing';
  if (check === 'files.image') return `manual_review: ${check}`;
  return drift !== null || day < '2024-05-13' ? `repair_queue: ${check}` : `clean: ${check}`;
}

describe('an archive whose files are of all ages', () => {
  it('is decided as labelled, 2,000 of 2,000: nothing that is only old is accused, and every drift is found', () => {
    const random = createRandom('all ages');
    const wrong: string[] = [];
    const made = { drifted: 0, old: 0 };
    for (let n = 0; n < 2000; n++) {
      const entityType = n % 4 === 3 ? 'event' : 'release';
      const was = inStep(random, entityType);
      const possible = drifts.filter(
        ({ entityTypes, since }) => (entityTypes?.includes(entityType) ?? true) && (since ?? '') <= was.day,
      );
      const drift = random.chance(0.35) ? random.pick(possible) : null;
      const is = { ...was, ...drift?.change(was) };
      made.drifted += drift === null ? 0 : 1;
      made.old += was.day < '2025-04-14' ? 1 : 0;
      const [said, label] = [saidOf(audited(is)), labelOf(was, drift)];
      if (said !== label) wrong.push(`${entityType} of ${was.day}, ${drift?.name ?? 'in step'}: ${said}, not ${label}`);
    }
    expect(wrong).toEqual([]);
    expect(made.drifted).toBeGreaterThan(500);
    expect(made.old).toBeGreaterThan(1500);
  });
});
