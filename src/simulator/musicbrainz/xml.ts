import { shapesOf } from '../../domain/documents/xml-shapes.ts';

/** A piece of an XML document: an element, text, or nothing. Null and undefined are left out; '' is kept, as an empty element. */
export type XmlNode = XmlElement | string | null | undefined;

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | null | undefined>>;
  readonly children: readonly XmlNode[];
}

/** An element with attributes and children. */
export function element(name: string, attributes: XmlElement['attributes'], children: readonly XmlNode[]): XmlElement {
  return { name, attributes, children };
}

/** An element that holds a text, or nothing where the text is null (unknown). The empty text makes an empty element. */
export function textElement(name: string, text: string | null | undefined): XmlElement | null {
  return text === null || text === undefined ? null : { name, attributes: {}, children: [text] };
}

/** The same, where MusicBrainz does not tell empty from unknown: nothing for both. */
export function textElementUnlessEmpty(name: string, text: string | null | undefined): XmlElement | null {
  return text === '' ? null : textElement(name, text);
}

/**
 * A web service answer about an entity: always the same bytes for the same elements.
 *
 * @param day as it was given on a day (`YYYY-MM-DD`); today's where not given.
 */
export function metadataDocument(content: XmlElement, day?: string): Buffer {
  const given = day === undefined ? content : givenOn(day, content, content.name);
  const root = element('metadata', { xmlns: 'http://musicbrainz.org/ns/mmd-2.0#' }, [given]);
  return day !== undefined && day < libxmlSince ? Buffer.from(`${declaration}${serialize(root)}`) : xmlDocument(root);
}

/** Before musicbrainz-server used libxml (v-2019-10-14, 492fa70) an answer was one line. */
const libxmlSince = '2019-10-14';

export function xmlDocument(root: XmlElement): Buffer {
  return Buffer.from(`${declaration}\n${serialize(root)}\n`, 'utf8');
}

const declaration = '<?xml version="1.0" encoding="UTF-8"?>';

/** An element without what the web service only began to give later; the path is as flat documents name it. */
function givenOn(day: string, { name, attributes, children }: XmlElement, path: string): XmlElement {
  const isGiven = (part: string, value: string): boolean =>
    shapesOf(`${path}/${part}`, value).every(({ shape }) => shape.since <= day);
  return {
    name,
    attributes: Object.fromEntries(Object.entries(attributes).filter(([key, value]) => isGiven(key, value ?? ''))),
    children: children.flatMap((child): XmlNode[] => {
      if (child === null || child === undefined || typeof child === 'string') return [child];
      const label = child.name === 'relation' ? 'relation()' : child.name;
      const text = child.children.filter((part) => typeof part === 'string').join('');
      return isGiven(label, text) ? [givenOn(day, child, `${path}/${label}`)] : [];
    }),
  };
}

function serialize(node: XmlNode): string {
  if (node === null || node === undefined) return '';
  if (typeof node === 'string') return escapeText(node);
  const attributes = Object.entries(node.attributes).map(([name, value]) =>
    value === null || value === undefined ? '' : ` ${name}="${escapeAttribute(value)}"`,
  );
  return `<${node.name}${attributes.join('')}>${node.children.map(serialize).join('')}</${node.name}>`;
}

/** What XML 1.0 has no way to write, not even as a reference. */
const unwritable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

function escapeText(text: string): string {
  return text
    .replace(unwritable, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#13;');
}

function escapeAttribute(text: string): string {
  return escapeText(text).replaceAll('"', '&quot;').replaceAll('\t', '&#9;').replaceAll('\n', '&#10;');
}

/** Text as it stands in an XML element or a quoted attribute. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
