import { describe, expect, it, test } from 'vitest';
import { checkDerived } from '../../../src/domain/checks/derived-check.ts';
import { bytes, liveEvent, liveRelease } from '../examples.ts';
import { derivedOfRelease as derived, eventXml, releaseXml } from '../xml-examples.ts';

const { key } = liveRelease([]);
type Metadata = Record<string, readonly string[]>;

const found = (metadata: Metadata, xml = releaseXml) =>
  checkDerived(key, metadata, bytes(xml)).map(({ subject }) => subject);
const but = (changes: Metadata): Metadata => ({ ...derived, ...changes });

describe('meta.derived', () => {
  it('holds where all follows from the XML, in any order, with identifiers of other kinds', () => {
    expect(found(derived)).toEqual([]);
    expect(found(but({ creator: ['Second', 'First One'], publisher: ['x'] }))).toEqual([]);
    expect(
      found(
        but({
          'external-identifier': ['urn:acoustid:1', 'not-urn:upc:1', ...[...derived['external-identifier']].reverse()],
        }),
      ),
    ).toEqual([]);
    expect(found(but({ title: ['Title &  more '] }))).toEqual([]);
  });

  it('holds without a date, a language or a barcode, where the XML has none', () => {
    const xml = releaseXml
      .replace('<date>1999-05</date><country>', '<country>')
      .replace(/<text-representation>.*<\/text-representation>/, '');
    expect(found(but({ date: [], language: [] }), xml)).toEqual([]);
    expect(found(derived, xml)).toEqual(['date', 'language']);
  });

  it.each<[string, Metadata]>([
    ['title', { title: ['Other'] }],
    ['title', { title: [] }],
    // Runs of white space are one space, not none.
    ['title', { title: ['Title&more'] }],
    ['creator', { creator: ['First One'] }],
    ['creator', { creator: ['First One', 'Second', 'Third'] }],
    ['creator-alt-script', { 'creator-alt-script': ['One, Fist'] }],
    ['date', { date: ['1999'] }],
    ['language', { language: ['deu'] }],
    ['external-identifier', { 'external-identifier': derived['external-identifier'].slice(1) }],
    ['external-identifier', { 'external-identifier': [...derived['external-identifier'], 'urn:upc:123'] }],
  ])('is found of %s', (field, changes) => {
    expect(found(but(changes))).toEqual([field]);
  });

  it('follows a barcode that is there', () => {
    const xml = releaseXml.replace('<barcode></barcode>', '<barcode>0123</barcode>');
    expect(found(derived, xml)).toEqual(['external-identifier']);
    expect(found(but({ 'external-identifier': [...derived['external-identifier'], 'urn:upc:0123'] }), xml)).toEqual([]);
  });

  it('takes an artist that is credited twice once', () => {
    const xml = releaseXml.replaceAll('000000000002', '000000000001').replaceAll('>Second<', '>First One<');
    const identifiers = derived['external-identifier'].filter((urn) => !urn.endsWith('2'));
    expect(
      found(but({ creator: ['First One'], 'creator-alt-script': [], 'external-identifier': identifiers }), xml),
    ).toEqual([]);
  });

  it('cannot be judged of events, nor from an XML that can’t be read', () => {
    expect(checkDerived(liveEvent([]).key, {}, bytes(eventXml))).toEqual([]);
    expect(checkDerived(liveEvent([]).key, derived, bytes(eventXml))).toEqual([]);
    expect(found({}, '<html>')).toEqual([]);
  });
});

test('what the archive has, and what it should have, is shown', () => {
  const words = (metadata: Metadata) =>
    checkDerived(key, metadata, bytes(releaseXml)).map(({ check, expected, found: text }) => [check, expected, text]);
  expect(words(but({ date: ['1998', '1999'] }))).toEqual([['meta.derived', '["1999-05"]', '["1998","1999"]']]);
  expect(words(but({ 'creator-alt-script': ['One, Fist'] }))).toEqual([
    ['meta.derived', expect.stringContaining('One, First'), '["One, Fist"]'],
  ]);
});

describe('an item without metadata', () => {
  it('lacks all that follows from the XML, and has no foreign sort names', () => {
    expect(found({})).toEqual(['title', 'creator', 'date', 'language', 'external-identifier']);
    expect(checkDerived(key, {}, bytes(releaseXml)).map(({ found: text }) => text)).toEqual(Array(5).fill('nothing'));
  });
});
