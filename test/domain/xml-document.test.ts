import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxXmlBytes, readXml } from '../../src/domain/documents/xml-document.ts';
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
    expect(readXml(bytes('<html><body>Busy</body></html>'), 'release')).toEqual({
      kind: 'unreadable',
      problem: 'the root is not one `metadata`',
    });
  });

  it('has an MBID in lower case, or none', () => {
    const shouting = about('').replace(gids.entity, 'ABCDEF00-0000-4000-8000-00000000000A');
    expect(readXml(bytes(shouting), 'release')).toMatchObject({ gid: 'abcdef00-0000-4000-8000-00000000000a' });
    expect(readXml(bytes(about('').replace(gids.entity, '17')), 'release')).toMatchObject({ gid: null });
  });

  it('has attributes and elements alike as values by path', () => {
    expect(values('<title>A</title><status id="x">Official</status>')).toEqual({
      'release/title': 'A',
      'release/status': 'Official',
      'release/status/id': 'x',
    });
  });

  it('has no declarations of namespaces among its values, and what is said in one is', () => {
    expect(values('<title xmlns="urn:a" xmlns:ext="urn:b" ext:a="1">A</title>')).toEqual({
      'release/title': 'A',
      'release/title/ext:a': '1',
    });
  });

  it('has the text around elements as a value, and nothing of comments and instructions', () => {
    expect(values('<?a b?><title>A <b>x</b> B</title><!-- c --><asin>1<!-- d -->2</asin>')).toEqual({
      'release/title': 'A  B',
      'release/title/b': 'x',
      'release/asin': '12',
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
    expect(list(relation('sound/light', '1'))).toHaveProperty(
      'release/relation-list(artist)/relation(sound_light 1)/target',
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
      expect(readXml(bytes(about(`<title a="${reference}"/>`)), 'release').kind, reference).toBe('unreadable');
    }
    const last = String.fromCodePoint(0x10ffff);
    expect(values('<title a="&#x10FFFF;">&#1114111;&#xe9;</title>')).toEqual({
      'release/title': `${last}\u00e9`,
      'release/title/a': last,
    });
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

  it.each([
    ['<?xml version="1.0"?>', 'read'],
    ['<?xml version="1.0" encoding="utf8"?>', 'read'],
    ["<?xml version='1.0' encoding='us-ascii'?>", 'read'],
    ["<?xml version='1.0' encoding='latin1'?>", 'unreadable'],
    ['<?xml version="1.0" encoding = "utf-16"?>', 'unreadable'],
  ])('that begins with %s is %s', (declaration, kind) => {
    expect(readXml(bytes(about('').replace(head, declaration)), 'release').kind).toBe(kind);
  });

  it('is unreadable with any of the characters that XML 1.0 forbids, and readable with their neighbours', () => {
    const kindWith = (code: number) =>
      readXml(bytes(about(`<title>${String.fromCodePoint(code)}</title>`)), 'release').kind;
    const controls = Array.from({ length: 0x20 }, (_, code) => code).filter((code) => ![0x9, 0xa, 0xd].includes(code));
    for (const code of [...controls, 0xfffe, 0xffff]) expect([code, kindWith(code)]).toEqual([code, 'unreadable']);
    for (const code of [0x9, 0xa, 0xd, 0x20, 0x7f, 0x80, 0xd7ff, 0xe000, 0xfffd, 0x10000]) {
      expect([code, kindWith(code)]).toEqual([code, 'read']);
    }
  });

  it('is read up to two megabytes and 64 levels, and no further', () => {
    const long = (length: number) => readXml(bytes(about('').padEnd(length)), 'release').kind;
    expect([2 * 1024 * 1024, 2 * 1024 * 1024 + 1].map(long)).toEqual(['read', 'unreadable']);
    const deep = (levels: number) =>
      readXml(bytes(about('<a>'.repeat(levels) + '</a>'.repeat(levels))), 'release').kind;
    // The entity is one of the levels.
    expect([63, 64].map(deep)).toEqual(['read', 'unreadable']);
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

describe('why a document is unreadable', () => {
  const entity = `<release id="${gids.entity}"/>`;
  const root = (content: string) => `<metadata>${content}</metadata>`;

  it.each([
    ['<html/>', 'the root is not one `metadata`'],
    [root(''), '`metadata` does not hold one `release`'],
    [root(entity + entity), '`metadata` does not hold one `release`'],
    [root('<event/>'), '`metadata` does not hold one `release`'],
    [root('text alone'), '`metadata` does not hold one `release`'],
    [`<?xml version="1.0" encoding="latin1"?>${root(entity)}`, 'declared as latin1'],
    [`<?xml version="1.0" encoding="not-utf-8"?>${root(entity)}`, 'declared as not-utf-8'],
    [`<?xml version="1.0" encoding="utf-8000"?>${root(entity)}`, 'declared as utf-8000'],
    [root(`<a>\u0001</a>`), 'a character that XML does not have'],
    [`<!DOCTYPE metadata>${root(entity)}`, 'a document type definition'],
    [' '.repeat(maxXmlBytes + 1), `larger than ${maxXmlBytes} bytes`],
    [root(`<release a="&${'x'.repeat(50)};"/>`), `unknown reference &${'x'.repeat(39)}`],
    [root('<release a="&#x110000;"/>'), 'unknown reference &#x110000;'],
    [root('<release a="&a#65;"/>'), 'unknown reference &a#65;'],
    [root('<release a="&#65a;"/>'), 'unknown reference &#65a;'],
  ])('is said: %j', (text, problem) => {
    expect(readXml(bytes(text), 'release')).toEqual({ kind: 'unreadable', problem });
  });

  it('is not what only looks like it in its text', () => {
    const quoted = '&lt;?xml version="1.0" encoding="latin1"?>';
    expect(readXml(bytes(root(`<release id="${gids.entity}"><a>${quoted}</a></release>`)), 'release').kind).toBe(
      'read',
    );
    const instruction = root(`<?xml-x encoding="latin1"?>${entity}`);
    expect(readXml(bytes(instruction), 'release')).not.toMatchObject({ problem: 'declared as latin1' });
  });
});

it('without an id a document is about no MBID', () => {
  expect(readXml(bytes('<metadata><release/></metadata>'), 'release')).toMatchObject({ kind: 'read', gid: null });
});
