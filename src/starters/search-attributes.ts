import type { Client } from '@temporalio/client';
import { searchAttributes } from '../search-attributes.ts';

/** gRPC's ALREADY_EXISTS: another worker was faster. */
const alreadyExists = 6;
/** `INDEXED_VALUE_TYPE_KEYWORD` of Temporal's API. */
const keyword = 2;

/**
 * Registers what of our search attributes the namespace lacks, and returns the names that can be used. Where registering
 * is not allowed (a cloud namespace), audits run without: an attribute that isn't registered would fail every one.
 */
export async function registerSearchAttributes(temporal: Client): Promise<readonly string[]> {
  const { operatorService } = temporal.connection as unknown as OperatorConnection;
  const namespace = temporal.options.namespace;
  const names = Object.values(searchAttributes).map(({ name }) => name);
  const known = await operatorService.listSearchAttributes({ namespace }).catch(() => null);
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
