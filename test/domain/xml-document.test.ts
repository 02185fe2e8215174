import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxXmlBytes, readXml } from '../../src/domain/xml-document.ts';
import { bytes, gids } from './examples.ts';

const head = '<?xml version="1.0" encoding="UTF-8"?>';
const about = (content: string, type = 'release') =>
  `${head}<metadata xmlns="http://musicbrainz.org/ns/mmd-2.0#"><${type} id="${gids.entity}">${content}</${type}></metadata>`;

function values(content: string): Record<string, string> {
  const reading = readXml(bytes(about(content)), 'release');
  if (reading.kind !== 'read') throw new Error(reading.problem);
  return Object.fromEntries([...reading.values].filter(([path]) => path !== 'release/id'));
}

describe('a document of the web service', () => {
  it('is about the entity whose id it gives', () => {
    expect(readXml(bytes(about('')), 'release')).toMatchObject({ kind: 'read', gid: gids.entity });
    expect(readXml(bytes(about('', 'event')), 'event')).toMatchObject({ kind: 'read', gid: gids.entity });
    expect(readXml(bytes(about('', 'event')), 'release').kind).toBe('unreadable');
    expect(readXml(bytes('<html><body>Busy</body></html>'), 'release').kind).toBe('unreadable');
  });

  it('has attributes and elements alike as values by path', () => {
    expect(values('<title>A</title><status id="x">Official</status>')).toEqual({
      'release/title': 'A',
      'release/status': 'Official',
      'release/status/id': 'x',
    });
  });

  it('tells an empty element from a missing one', () => {
    expect(values('<barcode></barcode><asin/>')).toEqual({ 'release/barcode': '', 'release/asin': '' });
  });

  it('keeps white space in a value, and passes over it between elements', () => {
    expect(values('\n  <title> A  B </title>\n')).toEqual({ 'release/title': ' A  B ' });
  });

  it('numbers siblings of one name, and tells relations by what they relate to', () => {
    expect(values('<a>1</a><a>2</a><b><c>3</c></b><b><c>4</c></b>')).toEqual({
      'release/a': '1',
      'release/a[2]': '2',
      'release/b/c': '3',
      'release/b[2]/c': '4',
    });
    const relation = (type: string, target: string) => `<relation type="${type}"><target>${target}</target></relation>`;
    const list = (inner: string) => values(`<relation-list target-type="artist">${inner}</relation-list>`);
    expect(list(relation('main', '1') + relation('guest', '2'))).toEqual(
      list(relation('guest', '2') + relation('main', '1')),
    );
  });

  it('reads the references that XML has, in text and attributes, and none other', () => {
    expect(values('<title a="&quot;&#65;">&amp;lt; &lt;&gt;&apos;&#x1F600;</title>')).toEqual({
      'release/title': `&lt; <>'\u{1f600}`,
      'release/title/a': '"A',
    });
    expect(values('<title><![CDATA[<&amp;>]]></title>')).toEqual({ 'release/title': '<&amp;>' });
    for (const reference of ['&nbsp;', '&#0;', '&#x110000;', '&constructor;', '&amp', '&']) {
      expect(readXml(bytes(about(`<title>${reference}</title>`)), 'release').kind, reference).toBe('unreadable');
    }
  });

  it.each([
    ['nothing', ''],
    ['JSON', '{}'],
    ['cut off', about('<title>A</title>').slice(0, -20)],
    ['wrongly nested', about('<a><b></a></b>')],
    ['two roots', `${about('').slice(0)}<metadata/>`],
    ['two entities', about('').replace('</metadata>', '<release/></metadata>')],
    ['no entity', `${head}<metadata/>`],
    ['a DTD', about('').replace('<metadata', '<!DOCTYPE metadata [<!ENTITY a "aaaa">]><metadata')],
    ['an entity that XML doesn’t have', about('<title>&lol;</title>')],
    ['a doctype in lower case', about('').replace('<metadata', '<!doctype metadata><metadata')],
    ['another encoding, declared', about('').replace('UTF-8', 'ISO-8859-1')],
    ['a NUL', about('<title>\u0000</title>')],
    ['deep nesting', about('<a>'.repeat(10_000) + '</a>'.repeat(10_000))],
    ['10 MB of text', about(`<title>${'a'.repeat(10_000_000)}</title>`)],
  ])('is unreadable where it is %s', (_, text) => {
    expect(readXml(bytes(text), 'release').kind).toBe('unreadable');
  });

  it('is unreadable where it is not UTF-8', () => {
    const latin1 = Uint8Array.from(about('<title>Bj\u00f6rk</title>'), (character) => character.charCodeAt(0));
    expect(readXml(latin1, 'release')).toEqual({ kind: 'unreadable', problem: 'not UTF-8' });
    const utf16 = new Uint8Array(Buffer.from(`\ufeff${about('')}`, 'utf16le'));
    expect(readXml(utf16, 'release').kind).toBe('unreadable');
  });

  it('may begin with a byte order mark', () => {
    expect(readXml(bytes(`\ufeff${about('')}`), 'release')).toMatchObject({ kind: 'read', gid: gids.entity });
  });

  it('never makes reading it fail', () => {
    expect(maxXmlBytes).toBeLessThan(10_000_000);
    const part = fc.constantFrom(
      '<',
      '>',
      '</',
      '/>',
      '&',
      ';',
      '"',
      '=',
      'release',
      'metadata',
      ' ',
      '<![CDATA[',
      ']]>',
      '<!--',
      '-->',
      '<?',
      'a',
    );
    fc.assert(
      fc.property(
        fc.array(part).map((parts) => parts.join('')),
        (text) => {
          expect(['read', 'unreadable']).toContain(readXml(bytes(text), 'release').kind);
          expect(['read', 'unreadable']).toContain(readXml(bytes(about(text)), 'release').kind);
        },
      ),
    );
  });
});
