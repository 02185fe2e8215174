import { parseRowId } from '../../../database/row-id.ts';
import type { PageContext } from '../../environment.ts';
import { notFound } from '../../refusals.ts';

/** The event that an address names. @throws {Refusal} 404 */
export function eventIdOf(c: PageContext): number {
  const text = c.req.param('id') ?? '';
  const id = parseRowId(text);
  if (id === null) throw unknownEvent(text);
  return id;
}

export function unknownEvent(id: number | string) {
  return notFound(`There is no event ${id}: its number is wrong, or it was completed and cleaned up.`);
}
