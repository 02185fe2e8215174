import type { z } from 'zod';
import type { PageContext } from '../environment.ts';
import { readFields } from '../lists/read-parameters.ts';

/**
 * The fields of a form that was sent, as the schema reads them.
 *
 * @throws {Refusal} 400, naming each field that has a value it can't take
 */
export async function readForm<Schema extends z.ZodObject>(c: PageContext, schema: Schema): Promise<z.output<Schema>> {
  const body = await c.req.parseBody({ all: true });
  const texts = Object.entries(body).map(([name, value]): [string, string[]] => [
    name,
    (Array.isArray(value) ? value : [value]).filter((each): each is string => typeof each === 'string'),
  ]);
  return readFields(new Map(texts), schema);
}
