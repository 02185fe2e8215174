import type { Client } from '@temporalio/client';
import type { OutcomeLog } from '../activities/outcome-log.ts';
import { searchAttributes } from '../search-attributes.ts';

/** gRPC's ALREADY_EXISTS: another worker was faster. */
const alreadyExists = 6;
/** `INDEXED_VALUE_TYPE_KEYWORD` of Temporal's API. */
const keyword = 2;

/**
 * Registers what of our search attributes the namespace lacks, and returns the names that can be used. Where registering
 * is not allowed (a cloud namespace), or one is there with another type, audits run without: an attribute that isn't
 * registered would fail every one, and one of another type would keep each of their workflows open for ever.
 *
 * @param log told which can't be used because of their type
 */
export async function registerSearchAttributes(
  temporal: Client,
  log?: Pick<OutcomeLog, 'warn'>,
): Promise<readonly string[]> {
  const { operatorService } = temporal.connection as unknown as OperatorConnection;
  const namespace = temporal.options.namespace;
  const known = await operatorService.listSearchAttributes({ namespace }).catch(() => null);
  const all = Object.values(searchAttributes).map(({ name }) => name);
  const names = all.filter((name) => [undefined, keyword].includes(known?.customAttributes?.[name]));
  for (const name of all.filter((other) => !names.includes(other))) {
    log?.warn(
      { search_attribute: name },
      `the search attribute ${name} is not of the type Keyword: audits run without it`,
    );
  }
  const missing = names.filter((name) => known?.customAttributes?.[name] === undefined);
  if (missing.length === 0) return names;
  try {
    await operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map((name) => [name, keyword])),
    });
    return names;
  } catch (error) {
    if ((error as { code?: number }).code === alreadyExists) return names;
    return names.filter((name) => !missing.includes(name));
  }
}

/** The part of a connection that Temporal's client types hide behind an interface for plugins. */
interface OperatorConnection {
  readonly operatorService: {
    listSearchAttributes(request: { namespace: string }): Promise<{ customAttributes?: Record<string, number> | null }>;
    addSearchAttributes(request: { namespace: string; searchAttributes: Record<string, number> }): Promise<unknown>;
  };
}
