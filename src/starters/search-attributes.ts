import type { Client } from '@temporalio/client';
import type { OutcomeLog } from '../logging/log.ts';
import { searchAttributes } from '../temporal/search-attributes.ts';

/** Those that audits and events set. */
export const searchAttributeNames = Object.values(searchAttributes).map(({ name }) => name);

/** `IndexedValueType` of Temporal's API. */
const indexedTypes = { KEYWORD: 2, KEYWORD_LIST: 7 } as const;

/** How Temporal has it in text. */
const typeWords = { KEYWORD: 'Keyword', KEYWORD_LIST: 'KeywordList' } as const;

const typeOf = Object.fromEntries(Object.values(searchAttributes).map(({ name, type }) => [name, type]));

/**
 * Registers what of our search attributes the namespace lacks, and returns the names that can be used. Audits and events run
 * without the others, since one that isn't registered, or takes another type, would keep every workflow open.
 *
 * Neither listing nor registering is allowed everywhere (a cloud namespace): those that were made by hand are found by
 * asking for workflows that have them.
 *
 * @param log receives which can't be used
 */
export async function registerSearchAttributes(
  temporal: Client,
  log?: Pick<OutcomeLog, 'warn'>,
): Promise<readonly string[]> {
  const usable = await registerMissing(temporal);
  for (const name of searchAttributeNames.filter((other) => !usable.includes(other))) {
    log?.warn(
      { search_attribute: name },
      `the search attribute ${name} is not of the type ${typeWords[typeOf[name]!]}, or not registered: audits and events run without it`,
    );
  }
  return usable;
}

/** @returns the names of those that can be used then */
async function registerMissing(temporal: Client): Promise<readonly string[]> {
  const names = searchAttributeNames;
  const known = await listTypes(temporal);
  const missing = names.filter((name) => known?.[name] === undefined);
  const added = missing.length > 0 && (await add(temporal, missing));
  if (added) return names.filter((name) => missing.includes(name) || known?.[name] === indexedTypes[typeOf[name]!]);
  // Another worker may have been faster.
  const types = missing.length === 0 ? known : await listTypes(temporal);
  if (types !== null) return names.filter((name) => types[name] === indexedTypes[typeOf[name]!]);
  const usable = await Promise.all(names.map((name) => isKnown(temporal, name)));
  return names.filter((_, n) => usable[n]);
}

/** The types of the namespace's attributes, by name; null where it may not be asked. */
async function listTypes(temporal: Client): Promise<Readonly<Record<string, number>> | null> {
  const { operatorService } = temporal.connection as unknown as OperatorConnection;
  const { namespace } = temporal.options;
  const listed = await operatorService.listSearchAttributes({ namespace }).catch(() => null);
  return listed && (listed.customAttributes ?? {});
}

/** @returns whether all of them could be registered */
async function add(temporal: Client, names: readonly string[]): Promise<boolean> {
  const { operatorService } = temporal.connection as unknown as OperatorConnection;
  const attributes = Object.fromEntries(names.map((name) => [name, indexedTypes[typeOf[name]!]]));
  return operatorService
    .addSearchAttributes({ namespace: temporal.options.namespace, searchAttributes: attributes })
    .then(
      () => true,
      () => false,
    );
}

/** Whether workflows can be asked for by this attribute as one of its type can: lists of keywords by their members only. */
async function isKnown(temporal: Client, name: string): Promise<boolean> {
  const takes = (comparison: string): Promise<boolean> =>
    temporal.workflow.count(`${name} ${comparison} 'no-such-value'`).then(
      () => true,
      () => false,
    );
  const isKeyword = await takes('STARTS_WITH');
  return typeOf[name] === 'KEYWORD' ? isKeyword : !isKeyword && (await takes('='));
}

/** The part of a connection that Temporal's client types hide behind an interface for plugins. */
interface OperatorConnection {
  readonly operatorService: {
    listSearchAttributes(request: { namespace: string }): Promise<{ customAttributes?: Record<string, number> | null }>;
    addSearchAttributes(request: { namespace: string; searchAttributes: Record<string, number> }): Promise<unknown>;
  };
}
