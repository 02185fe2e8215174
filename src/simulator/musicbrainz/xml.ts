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

/** A web service answer about an entity: always the same bytes for the same elements. */
export function metadataDocument(content: XmlElement): Buffer {
  return xmlDocument(element('metadata', { xmlns: 'http://musicbrainz.org/ns/mmd-2.0#' }, [content]));
}

export function xmlDocument(root: XmlElement): Buffer {
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${serialize(root)}\n`, 'utf8');
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
