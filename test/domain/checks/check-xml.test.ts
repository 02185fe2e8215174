import { describe, expect, it } from 'vitest';
import { checkXml } from '../../../src/domain/checks/xml-checks.ts';
import { UnreadableAnswerError } from '../../../src/domain/documents/metadata.ts';
import { bytes, gids, inShort, liveEvent, liveRelease } from '../examples.ts';
import { eventXml, releaseXml, writtenOn } from '../xml-examples.ts';

const { key } = liveRelease([]);
const { key: eventKey } = liveEvent([]);
const found = (xml: string) => inShort(checkXml(key, bytes(releaseXml), bytes(xml), writtenOn('2015-01-01')));
const foundOfEvent = (xml: string) => inShort(checkXml(eventKey, bytes(eventXml), bytes(xml), writtenOn('2015-01-01')));
const now = writtenOn('2026-11-01');
const without = (...parts: (RegExp | string)[]) =>
  parts.reduce<string>((xml, part) => xml.replace(part, ''), releaseXml);

describe('the XML of an item', () => {
  it('is in order where it is what the web service gives, byte for byte or not', () => {
    expect(found(releaseXml)).toEqual([]);
    expect(found(releaseXml.replace(/(?<!<barcode)></g, '>\n  <').replace(/<(\w+)><\/\1>/g, '<$1/>'))).toEqual([]);
    expect(found(releaseXml.replaceAll('&amp;', '&#38;').replaceAll('"', "'"))).toEqual([]);
    expect(foundOfEvent(eventXml)).toEqual([]);
  });

  it('is in order with relations in another order', () => {
    const [relations] = /<relation type.*<\/relation>(?=<\/relation-list><relation-list target-type="place">)/.exec(
      eventXml,
    ) ?? [''];
    const reversed = relations
      .split(/(?<=<\/relation>)/)
      .reverse()
      .join('');
    expect(reversed).not.toBe(relations);
    expect(foundOfEvent(eventXml.replace(relations, reversed))).toEqual([]);
  });
});

describe('xml.well_formed', () => {
  it.each([
    ['nothing', ''],
    ['HTML', '<html><body><br></body></html>'],
    ['cut off', releaseXml.slice(0, 300)],
    ['about another release', releaseXml.replace(gids.entity, gids.merged)],
    ['about no MBID', releaseXml.replace(gids.entity, '12')],
    ['about an event', eventXml],
    ['with a DTD', releaseXml.replace('<metadata', '<!DOCTYPE metadata SYSTEM "x"><metadata')],
    ['with an unknown entity', releaseXml.replace('&amp;', '&eacute;')],
    ['10 MB of text', releaseXml.replace('&amp;', 'a'.repeat(10_000_000))],
  ])('is all that is found of one that is %s', (_, xml) => {
    expect(found(xml)).toEqual(['xml.well_formed of mb_metadata.xml']);
  });

  it('cannot be judged where the web service’s own answer isn’t about the entity', () => {
    for (const answer of [
      '',
      '<html/>',
      eventXml,
      releaseXml.replace(gids.entity, gids.owner),
      releaseXml.slice(0, 300),
    ]) {
      expect(() => checkXml(key, bytes(answer), bytes(releaseXml), now)).toThrow(UnreadableAnswerError);
      expect(() => checkXml(key, bytes(answer), bytes(answer), now)).toThrow(UnreadableAnswerError);
    }
  });
});

describe('xml.value', () => {
  it.each([
    ['release/title', '>Title &amp; more<', '>Title<'],
    ['release/status', 'Official', 'Bootleg'],
    ['release/status/id', 'id="4e304316-386d-3409-af2e-78857eec5cfe"', 'id="4e304316-386d-3409-af2e-78857eec5cff"'],
    ['release/quality', '>normal<', '>high<'],
    ['release/packaging', 'Jewel Case', 'Digipak'],
    ['release/disambiguation', '>deluxe<', '><'],
    ['release/text-representation/language', '>eng<', '>deu<'],
    ['release/text-representation/script', '>Latn<', '>Cyrl<'],
    ['release/artist-credit/name-credit/joinphrase', '=" &amp; "', '=" and "'],
    [
      'release/artist-credit/name-credit/artist/id',
      'aaaaaaaa-0000-4000-8000-000000000001',
      'aaaaaaaa-0000-4000-8000-000000000009',
    ],
    ['release/artist-credit/name-credit/artist/type', 'type="Person"', 'type="Group"'],
    ['release/artist-credit/name-credit[2]/artist/name', '>Second<', '>2nd<'],
    ['release/artist-credit/name-credit/artist/sort-name', '>One, First<', '>First One<'],
    ['release/date', '<date>1999-05<', '<date>1999-06<'],
    ['release/country', '>GB<', '>US<'],
    ['release/release-event-list/count', 'list count="1"', 'list count="2"'],
    ['release/release-event-list/release-event/area/name', '>United Kingdom<', '>UK<'],
    [
      'release/release-event-list/release-event/area/iso-3166-1-code-list/iso-3166-1-code',
      '<iso-3166-1-code>GB',
      '<iso-3166-1-code>UK',
    ],
    ['release/barcode', '<barcode></barcode>', '<barcode>123</barcode>'],
    ['release/asin', '>B00000001X<', '>B00000002X<'],
    ['release/cover-art-archive/count', '<count>3', '<count>2'],
    ['release/cover-art-archive/darkened', '<darkened>false', '<darkened>true'],
  ])('is found of %s', (path, right, wrong) => {
    const xml = releaseXml.replace(right, wrong);
    expect(xml).not.toBe(releaseXml);
    expect(found(xml)).toEqual([`xml.value of ${path}`]);
  });

  it.each([
    ['event/name', '>Concert<', '>Concerto<'],
    ['event/cancelled', '<cancelled>true</cancelled>', ''],
    ['event/life-span/begin', '>2020-01-01<', '>2020-01-02<'],
    ['event/time', '>20:00<', '>21:00<'],
    ['event/setlist', '* Song 1\n* Song 2', '* Song 1'],
    [
      'event/relation-list(place)/relation(held at cccccccc-0000-4000-8000-000000000001)/place/name',
      '>Hall<',
      '>House<',
    ],
  ])('is found of an event’s %s', (path, right, wrong) => {
    const xml = eventXml.replace(right, wrong);
    expect(xml).not.toBe(eventXml);
    expect(foundOfEvent(xml)).toEqual([`xml.value of ${path}`]);
  });

  it('is found of what only one side has, an empty barcode or a date among it', () => {
    expect(found(without('<barcode></barcode>'))).toEqual(['xml.value of release/barcode']);
    expect(found(without('<date>1999-05</date><country>'.slice(0, 20)))).toEqual(['xml.value of release/date']);
    expect(found(releaseXml.replace('<barcode>', '<annotation>x</annotation><barcode>'))).toEqual([
      'xml.value of release/annotation',
    ]);
    expect(checkXml(key, bytes(without('<barcode></barcode>')), bytes(releaseXml), now)).toMatchObject([
      { check: 'xml.value', expected: 'nothing', found: '""' },
    ]);
  });

  it('is what is found where an artist is missing, and not its shape', () => {
    const differences = found(
      without(/<name-credit><artist id="aaaaaaaa-0000-4000-8000-000000000002".*?<\/name-credit>/),
    );
    expect(new Set(differences.map((short) => short.split(' ')[0]))).toEqual(new Set(['xml.value']));
  });

  it('is found of an attribute of newer times that the file has and the web service doesn’t give', () => {
    expect(inShort(checkXml(key, bytes(without(/ type-id="[^"]*"/)), bytes(releaseXml), now))).toEqual([
      'xml.value of release/artist-credit/name-credit/artist/type-id',
    ]);
  });
});

describe('xml.stale_shape', () => {
  it.each([
    ['a term', /<packaging .*<\/packaging>/, ['packaging', 'packaging/id']],
    [
      'an area with its codes',
      /<area .*<\/area>/,
      ['id', 'name', 'sort-name', 'iso-3166-1-code-list/iso-3166-1-code'].map(
        (part) => `release-event-list/release-event/area/${part}`,
      ),
    ],
  ])('is not found of a file that lacks all of %s: that is wrong', (_, part, paths) => {
    expect(found(without(part)).sort()).toEqual(paths.map((path) => `xml.value of release/${path}`).sort());
  });

  it('is not found of a list of codes that lacks one', () => {
    const code = '<iso-3166-1-code>GB</iso-3166-1-code>';
    const expected = releaseXml.replace(code, `${code}<iso-3166-1-code>IM</iso-3166-1-code>`);
    expect(inShort(checkXml(key, bytes(expected), bytes(releaseXml), writtenOn('2015-01-01')))).toEqual([
      'xml.value of release/release-event-list/release-event/area/iso-3166-1-code-list/iso-3166-1-code[2]',
    ]);
  });

  it('is no excuse for an entity’s id', () => {
    expect(found(without(' id="aaaaaaaa-0000-4000-8000-000000000001"'))).toEqual([
      'xml.value of release/artist-credit/name-credit/artist/id',
    ]);
  });

  it('stands beside what is wrong', () => {
    const xml = without(/(?<=<status) id="[^"]*"/).replace('>Title &amp; more<', '>Title<');
    expect(found(xml)).toEqual(['xml.value of release/title', 'xml.stale_shape of release/status/id']);
  });
});

describe('an answer of the web service that can’t be its word', () => {
  it.each([
    ['that isn’t XML', 'Busy', /\(.+\)/],
    ['about another MBID', releaseXml.replace(gids.entity, gids.owner), `it is about ${gids.owner}`],
    ['about no MBID', releaseXml.replace(gids.entity, '17'), 'it is about no MBID'],
  ])('tells nothing: one %s', (_, xml, fault) => {
    const check = () => checkXml(key, bytes(xml), bytes(releaseXml), now);
    expect(check).toThrow(UnreadableAnswerError);
    expect(check).toThrow(fault);
  });
});
