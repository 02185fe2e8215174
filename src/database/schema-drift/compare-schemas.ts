import type { SchemaObject } from '../schema/schema-drift.ts';

export interface SchemaDifference {
  /** `unexpected` does no harm: somebody added something to the schema of ours. */
  readonly kind: 'different' | 'missing' | 'unexpected';
  readonly name: string;
  readonly expected: string | null;
  readonly found: string | null;
}

/**
 * How a schema differs from the expected one. Triggers of ours, with their functions, are there where somebody installed
 * them, for one kind of entity or for both: what is there has to be right, and what isn't is not missed here.
 */
export function compareSchemas(
  expected: readonly SchemaObject[],
  found: readonly SchemaObject[],
): readonly SchemaDifference[] {
  const byName = new Map(found.map((object) => [object.name, object.definition]));
  const differences = expected.flatMap(({ name, definition }): SchemaDifference[] => {
    const actual = byName.get(name);
    if (actual === definition) return [];
    if (actual !== undefined) return [{ kind: 'different', name, expected: definition, found: actual }];
    return isOptional(name) ? [] : [{ kind: 'missing', name, expected: definition, found: null }];
  });
  const known = new Set(expected.map(({ name }) => name));
  const unexpected = found
    .filter(({ name }) => !known.has(name) && isOurs(name))
    .map(({ name, definition }) => ({ kind: 'unexpected', name, expected: null, found: definition }) as const);
  return [...differences, ...unexpected];
}

function isOptional(name: string): boolean {
  return name.startsWith('function artwork_reconciler.trigger_') || /^trigger \w+ on /.test(name);
}

function isOurs(name: string): boolean {
  return /^\w+ (artwork_reconciler\.|artwork_indexer\.reconciler_)/.test(name) || /^trigger \w+ on /.test(name);
}

/** A difference as a line for people. */
export function differenceInWords({ kind, name, expected, found }: SchemaDifference): string {
  if (kind === 'missing') return `${name} is missing`;
  if (kind === 'unexpected') return `${name} is not part of this program`;
  return `${name} is ${quoted(found)}, expected ${quoted(expected)}`;
}

function quoted(definition: string | null): string {
  return definition === null || definition.trim() === '' ? 'without more' : `"${definition.trim()}"`;
}
