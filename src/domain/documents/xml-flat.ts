/** An element as fast-xml-parser gives it in order: its name with its children, and its attributes under `:@`. */
export interface XmlNode {
  readonly [name: string]: readonly XmlNode[] | Readonly<Record<string, string>> | string | undefined;
}

/**
 * A document's values by path, attributes and elements alike: `release/status` and `release/status/id`. Of siblings of
 * one name all but the first have a number, from 2. An element without children is a value even where it is empty:
 * an empty barcode says "has none", a missing one "not known".
 */
export type FlatXml = ReadonlyMap<string, string>;

/** @throws {Error} where a text refers to an entity that XML itself does not define. */
export function flattenElement(name: string, node: XmlNode): FlatXml {
  const values = new Map<string, string>();
  addElement(values, name, name, node);
  return values;
}

function addElement(values: Map<string, string>, path: string, name: string, node: XmlNode): void {
  for (const [attribute, value] of Object.entries(attributesOf(node))) {
    if (!isNamespace(attribute)) values.set(`${path}/${attribute}`, decodeEntities(value));
  }
  const children = node[name] as readonly XmlNode[];
  const elements = children.filter((child) => elementName(child) !== null);
  const text = children.map(textOf).join('');
  // Between elements white space is layout; as the only content of an element it is its value.
  if (elements.length === 0 || text.trim() !== '') values.set(path, text);
  addElements(values, path, elements);
}

function addElements(values: Map<string, string>, path: string, elements: readonly XmlNode[]): void {
  const seen = new Map<string, number>();
  for (const element of elements) {
    const name = elementName(element) as string;
    const label = siblingLabel(name, element);
    const count = (seen.get(label) ?? 0) + 1;
    seen.set(label, count);
    addElement(values, `${path}/${label}${count > 1 ? `[${count}]` : ''}`, name, element);
  }
}

/**
 * How an element differs from its siblings. Relations stand in no order that means anything: they are told apart by
 * what they relate to, so that another order is no difference.
 */
function siblingLabel(name: string, element: XmlNode): string {
  const attributes = attributesOf(element);
  if (name === 'relation-list') return `${name}(${attributes['target-type'] ?? ''})`;
  if (name !== 'relation') return name;
  const target = (element[name] as readonly XmlNode[]).find((child) => 'target' in child);
  const gid = target === undefined ? '' : (target['target'] as readonly XmlNode[]).map(textOf).join('');
  // Their names may hold a slash, which parts the elements of a path.
  return `${name}(${[attributes['type'] ?? '', gid].filter(Boolean).join(' ').replaceAll('/', '_')})`;
}

function attributesOf(node: XmlNode): Readonly<Record<string, string>> {
  return (node[':@'] ?? {}) as Readonly<Record<string, string>>;
}

/** Null where a node is text. */
function elementName(node: XmlNode): string | null {
  const name = Object.keys(node).find((key) => key !== ':@')!;
  return name.startsWith('#') ? null : name;
}

function textOf(node: XmlNode): string {
  const cdata = node['#cdata'];
  // What a CDATA section holds is text as it stands.
  if (Array.isArray(cdata)) return (cdata as readonly XmlNode[]).map((part) => asText(part['#text'])).join('');
  return decodeEntities(asText(node['#text']));
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isNamespace(attribute: string): boolean {
  return attribute === 'xmlns' || attribute.startsWith('xmlns:');
}

const predefined: ReadonlyMap<string, string> = new Map(
  Object.entries({ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }),
);

function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&([^;&]*);?/g, (reference, name: string) => {
    const character = predefined.get(name) ?? numbered(name);
    if (character === null || !reference.endsWith(';')) throw new Error(`unknown reference ${reference.slice(0, 40)}`);
    return character;
  });
}

function numbered(name: string): string | null {
  const digits = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(name);
  if (digits === null) return null;
  const code = digits[1] === undefined ? Number(digits[2]) : parseInt(digits[1], 16);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : null;
}
