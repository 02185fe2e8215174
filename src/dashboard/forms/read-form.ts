import type { z } from 'zod';
import type { PageContext } from '../environment.ts';
import { badInput } from '../refusals.ts';
import { readFields } from '../lists/read-parameters.ts';

/**
 * The fields of a form that was sent, as the schema reads them.
 *
 * @throws {Refusal} 400, naming each field that has a value it can't take
 */
export async function readForm<Schema extends z.ZodObject>(c: PageContext, schema: Schema): Promise<z.output<Schema>> {
  return readFields(await formFields(c), schema);
}

/**
 * What was sent as a form, by its names, files left out. May be called again: the body is read once.
 *
 * @throws {Refusal} 400 where it is no form
 */
export async function formFields(c: PageContext): Promise<ReadonlyMap<string, readonly string[]>> {
  const body = await c.req.parseBody({ all: true }).catch((error: unknown) => {
    // How the platform says that a multipart body is none. Whatever else it throws is no fault of the form's.
    if (error instanceof TypeError)
      throw badInput(['The form can’t be read: it is cut short, or of another kind than it says.']);
    throw error;
  });
  const texts = Object.entries(body).map(([name, value]): [string, string[]] => [
    name,
    (Array.isArray(value) ? value : [value]).filter((each) => typeof each === 'string'),
  ]);
  return new Map(texts);
}
