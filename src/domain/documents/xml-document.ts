import { createRequire } from 'node:module';
import type * as FastXmlParser from 'fast-xml-parser';
import { type EntityType, isMbid } from '../entity.ts';
import { flattenElement, type FlatXml, type XmlNode } from './xml-flat.ts';

export function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, position) => byte === right[position]);
}

/**
 * What is read as XML at most, in bytes. The web service's answers are of a few thousand; a setlist may make an event's
 * longer.
 */
export const maxXmlBytes = 2 * 1024 * 1024;
const maxDepth = 64;

/** A document of the web service, read: the MBID that it gives for its entity, if any, and its values by path. */
type XmlReading =
  | { readonly kind: 'read'; readonly gid: string | null; readonly values: FlatXml }
  | { readonly kind: 'unreadable'; readonly problem: string };

/**
 * The XML parser, loaded when the first document is read: every command has the catalogue of checks, few of them read XML,
 * and its forty modules take as long to load as a third of such a command.
 */
function loadXml(): Xml {
  const { XMLParser, XMLValidator } = createRequire(import.meta.url)('fast-xml-parser') as typeof FastXmlParser;
  return { parser: new XMLParser(parserOptions), validate: (text) => XMLValidator.validate(text) };
}

interface Xml {
  readonly parser: FastXmlParser.XMLParser;
  readonly validate: (text: string) => ReturnType<typeof FastXmlParser.XMLValidator.validate>;
}

let xml: Xml | undefined;

// Attributes keep their names, so that they are told apart from nothing: attributes and elements are values alike.
// Entities are not the parser's: a DTD is refused beforehand, and the five of XML are decoded in xml-flat.ts.
const parserOptions: FastXmlParser.X2jOptions = {
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  cdataPropName: '#cdata',
  processEntities: false,
  trimValues: false,
  parseTagValue: false,
  parseAttributeValue: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: maxDepth,
};

/**
 * Reads a document of the web service. Whatever the bytes are, it answers: never an exception, never more memory than
 * a document of {@link maxXmlBytes} takes.
 */
export function readXml(bytes: Uint8Array, entityType: EntityType): XmlReading {
  const text = decode(bytes);
  if (typeof text !== 'string') return text;
  try {
    xml ??= loadXml();
    const fault = xml.validate(text);
    if (fault !== true) return unreadable(fault.err.msg);
    return readRoot(xml.parser.parse(text) as XmlNode[], entityType);
  } catch (error) {
    return unreadable((error as Error).message);
  }
}

function decode(bytes: Uint8Array): XmlReading | string {
  if (bytes.length > maxXmlBytes) return unreadable(`larger than ${maxXmlBytes} bytes`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return unreadable('not UTF-8');
  }
  const encoding = /^<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)["']/.exec(text)?.[1];
  if (encoding !== undefined && !/^(utf-?8|us-ascii)$/i.test(encoding)) return unreadable(`declared as ${encoding}`);
  if (forbiddenCharacter.test(text)) return unreadable('a character that XML does not have');
  if (text.includes('<!DOCTYPE') || text.includes('<!ENTITY')) return unreadable('a document type definition');
  return text;
}

/** What XML 1.0 forbids. */
const forbiddenCharacter = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

function readRoot(nodes: readonly XmlNode[], entityType: EntityType): XmlReading {
  const root = onlyElement(nodes);
  if (root === null || !('metadata' in root)) return unreadable('the root is not one `metadata`');
  const entity = onlyElement(root['metadata'] as readonly XmlNode[]);
  if (entity === null || !(entityType in entity)) {
    return unreadable(`\`metadata\` does not hold one \`${entityType}\``);
  }
  const values = flattenElement(entityType, entity);
  const id = values.get(`${entityType}/id`)?.toLowerCase();
  return { kind: 'read', gid: isMbid(id) ? id : null, values };
}

function onlyElement(nodes: readonly XmlNode[]): XmlNode | null {
  const [only = null, ...others] = nodes.filter((node) => !('#text' in node));
  return others.length === 0 ? only : null;
}

function unreadable(problem: string): XmlReading {
  return { kind: 'unreadable', problem };
}
