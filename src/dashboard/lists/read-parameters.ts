import type { z } from 'zod';
import type { PageContext } from '../environment.ts';
import { badInput } from '../refusals.ts';

/**
 * The parameters of the address as the schema reads them. One without a value is one that isn't there: forms send all
 * of their fields. Names that the schema doesn't have are passed over.
 *
 * @throws {Refusal} 400, naming each parameter that has a value it can't take
 */
export function readParameters<Schema extends z.ZodObject>(c: PageContext, schema: Schema): z.output<Schema> {
  return readFields(new Map(Object.entries(c.req.queries())), schema);
}

/** The same for what came in a form. */
export function readFields<Schema extends z.ZodObject>(
  texts: ReadonlyMap<string, readonly string[]>,
  schema: Schema,
): z.output<Schema> {
  const input = Object.fromEntries(
    Object.keys(schema.shape).flatMap((name) => {
      const values = (texts.get(name) ?? []).filter((text) => text.trim() !== '');
      return values.length === 0 ? [] : [[name, values.length === 1 ? values[0] : values]];
    }),
  );
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw badInput(
    parsed.error.issues.map((issue) => {
      const name = String(issue.path[0]);
      return `${name} takes ${issue.message}; it got ${JSON.stringify(input[name]).slice(0, 200)}`;
    }),
  );
}
