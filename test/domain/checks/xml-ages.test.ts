import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../src/domain/checks/catalogue.ts';
import { checkIndex } from '../../../src/domain/checks/check-index.ts';
import { defaultPolicies } from '../../../src/domain/checks/policies.ts';
import { checkXml } from '../../../src/domain/checks/xml-checks.ts';
import { doubtOf, shapesOf, xmlShapes } from '../../../src/domain/documents/xml-shapes.ts';
import { bytes, inShort, liveEvent } from '../examples.ts';
import { indexedRelease, periods, today } from '../period-documents.ts';

const release = indexedRelease;
const event = liveEvent([]);
const now = Date.parse('2026-11-01') / 1000;
const day = (text: string): number => Date.parse(text) / 1000;

const ofRelease = (xml: string, mtime: number | null) =>
  checkXml(release.key, bytes(today.releaseXml), bytes(xml), { mtime, now });
const ofEvent = (xml: string, mtime: number | null) =>
  checkXml(event.key, bytes(today.eventXml), bytes(xml), { mtime, now });
const checks = (differences: readonly { readonly check: string }[]) => [
  ...new Set(differences.map(({ check }) => check)),
];

describe.each(periods)('files of $period', ({ period, mtime, releaseXml, eventXml, index }) => {
  const stale = period === 'today' ? [] : ['xml.stale_shape'];

  it('lack only what the web service did not give then', () => {
    expect(checks(ofRelease(releaseXml, mtime))).toEqual(stale);
    expect(checks(ofEvent(eventXml, mtime))).toEqual(stale);
  });

  it('are wrong where they were written after it began to be given', () => {
    if (period === 'today') return;
    expect(checks(ofRelease(releaseXml, day('2025-04-14')))).toEqual(['xml.value']);
    expect(checks(ofEvent(eventXml, day('2025-04-14')))).toEqual(['xml.value']);
  });

  it('are wrong about whatever else differs', () => {
    const renamed = ofRelease(releaseXml.replace('Azul &amp; Prata', 'Azul'), mtime);
    expect(inShort(renamed.filter(({ check }) => check === 'xml.value'))).toEqual(['xml.value of release/title']);
    const moved = ofEvent(eventXml.replace('>21:30<', '>21:00<'), mtime);
    expect(inShort(moved.filter(({ check }) => check === 'xml.value'))).toEqual(['xml.value of event/time']);
  });

  it('have an index.json that differs only in the shapes of its time', () => {
    const historic = ['index.entity_url', 'index.image_shape', 'index.value_type', 'index.url_scheme'];
    const found = checks(checkIndex(release, bytes(index)));
    expect(found.filter((check) => !historic.includes(check))).toEqual([]);
    if (period === 'today') expect(found).toEqual([]);
    if (period === '2012') expect(found.sort()).toEqual(historic.sort());
  });
});

describe('a shape', () => {
  // The file of the day before lacks it because of its age, that of the day itself although it was given.
  it.each([
    ['2012-10-01', 'release/barcode', '<barcode></barcode>'],
    ['2013-01-28', 'release/cover-art-archive/count', /<cover-art-archive>.*<\/cover-art-archive>/],
    ['2013-05-15', 'release/release-event-list/count', /<release-event-list.*<\/release-event-list>/],
    ['2016-05-23', 'release/status/id', /(?<=<status) id="[^"]*"/],
    ['2016-05-23', 'release/packaging/id', /(?<=<packaging) id="[^"]*"/],
    ['2020-04-27', 'release/artist-credit/name-credit/artist/type-id', / type="Person" type-id="[^"]*"/],
    ['2025-04-14', 'release/artist-credit/name-credit/artist/country', '<country>PT</country>'],
  ])('given since %s: %s', (since, path, part) => {
    const lacking = today.releaseXml.replace(part, '');
    expect(lacking).not.toBe(today.releaseXml);
    const before = ofRelease(lacking, day(since) - 1);
    expect(checks(before)).toEqual(['xml.stale_shape']);
    expect(before.map(({ subject }) => subject)).toContain(path);
    expect(checks(ofRelease(lacking, day(since)))).toEqual(['xml.value']);
  });

  it.each([
    ['2013-02-11', / type-id="936c[^"]*"/],
    ['2016-05-23', /(?<=type="Concert") type-id="[^"]*"/],
    ['2019-01-22', /(?<=<attribute) type-id="[^"]*"/],
    ['2019-10-14', '<direction>forward</direction>'],
    ['2020-04-27', / type="Venue" type-id="[^"]*"/],
    ['2025-04-14', '<country>PT</country>'],
  ])('of an event given since %s', (since, part) => {
    const lacking = today.eventXml.replace(part, '');
    expect(lacking).not.toBe(today.eventXml);
    expect(checks(ofEvent(lacking, day(since) - 1))).toEqual(['xml.stale_shape']);
    expect(checks(ofEvent(lacking, day(since)))).toEqual(['xml.value']);
  });

  it('says in its finding since when it is given, and of when the file is', () => {
    const [first] = ofRelease(today.releaseXml.replace('<country>PT</country>', ''), day('2021-06-20'));
    expect(first).toMatchObject({
      check: 'xml.stale_shape',
      expected: 'PT',
      found: 'nothing (given since 2025-04-14, the file is of 2021-06-20)',
    });
  });

  it('excuses no more than what is new: not another direction, not a barcode that is known', () => {
    const [file2012] = periods;
    const backward = ofEvent(today.eventXml.replace('<direction>backward</direction>', ''), day('2015-01-01'));
    expect(checks(backward)).toEqual(['xml.value']);
    const known = today.releaseXml.replace('<barcode></barcode>', '<barcode>5601234567890</barcode>');
    const found = checkXml(release.key, bytes(known), bytes(file2012?.releaseXml ?? ''), {
      mtime: file2012?.mtime ?? 0,
      now,
    });
    expect(inShort(found.filter(({ check }) => check === 'xml.value'))).toEqual(['xml.value of release/barcode']);
  });

  it('is of the paths of what is new, and of no others', () => {
    const roots = (path: string, value = 'x') => shapesOf(path, value).map(({ parent, root }) => [parent, root]);
    expect(roots('release/title')).toEqual([]);
    expect(roots('release/barcode')).toEqual([]);
    expect(roots('release/barcode', '')).toEqual([['release', 'release/barcode']]);
    expect(roots('release/release-event-list/release-event/date')).toEqual([['release', 'release/release-event-list']]);
  });

  it('is reported, and its table names a source for each date', () => {
    expect(defaultPolicies['xml.stale_shape']).toBe('report');
    expect(catalogue.map(({ name }) => name)).toContain('xml.stale_shape');
    expect(xmlShapes.filter(({ since, source }) => !/^20\d\d-\d\d-\d\d$/.test(since) || source === '')).toEqual([]);
  });
});

describe('what lies in an element that is another one', () => {
  const old = periods.find(({ period }) => period === '2018');

  it('is not stale: an artist of another id is one fact', () => {
    const other = (old?.releaseXml ?? '').replace(
      /3f0a9b52-9d3e-4c5b-8a54-0d3c1a3b2f10/,
      '99999999-9d3e-4c5b-8a54-0d3c1a3b2f10',
    );
    const found = ofRelease(other, old?.mtime ?? 0);
    const ofFirst = found.filter(({ subject }) => subject.includes('name-credit/artist'));
    expect(checks(ofFirst)).toEqual(['xml.value']);
  });

  it('is not stale: nor is the id of a status of another name, nor an artist that is missing', () => {
    const bootleg = today.releaseXml.replace(/<status id="[^"]*">Official/, '<status>Bootleg');
    expect(checks(ofRelease(bootleg, day('2015-01-01')))).toEqual(['xml.value']);
    const alone = today.releaseXml.replace(/<name-credit><artist id="5c2d.*?<\/name-credit>/, '');
    expect(checks(ofRelease(alone, day('2015-01-01')))).toEqual(['xml.value']);
  });
});

it.each([now, day('2011-01-01')])('a file’s time is believed from 2011 on until now: %d', (mtime) => {
  expect(doubtOf({ mtime, now })).toBeNull();
});

describe('a file whose time can’t be believed', () => {
  const lacking = today.releaseXml.replace('<country>PT</country>', '');

  it.each([
    ['that has none', null, 'the archive lists no time for the file'],
    ['that is in the future', now + 86_400, 'the file’s time is in the future'],
    ['that is before 2011', day('2010-12-31'), 'the file’s time is before 2011'],
    ['of the year 1970', 0, 'the file’s time is before 2011'],
  ])('one %s is judged as one of today, and says so', (_, mtime, doubt) => {
    expect(ofRelease(lacking, mtime)).toMatchObject([
      { check: 'xml.value', expected: 'PT', found: `nothing (${doubt}: judged as one of today)` },
    ]);
    expect(ofRelease(today.releaseXml.replace('>2011-11<', '>2011-12<'), mtime)[0]?.found).toBe('"2011-12"');
    expect(ofRelease(today.releaseXml, mtime)).toEqual([]);
  });
});
