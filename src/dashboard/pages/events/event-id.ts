import type { PageContext } from '../../environment.ts';
import { notFound } from '../../refusals.ts';

/** The event that an address names. @throws {Refusal} 404 */
export function eventIdOf(c: PageContext): number {
  const id = Number(c.req.param('id'));
  if (!Number.isSafeInteger(id)) throw unknownEvent(String(c.req.param('id')));
  return id;
}

export function unknownEvent(id: number | string) {
  return notFound(`There is no event ${id}: its number is wrong, or it was completed and cleaned up.`);
}
