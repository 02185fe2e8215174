import type { PageContext } from '../../environment.ts';
import { notFound, type Refusal } from '../../refusals.ts';

/** The bulk action that an address names. @throws {Refusal} 404 */
export function bulkIdOf(c: PageContext): string {
  const id = c.req.param('id') ?? '';
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) throw unknownBulkAction();
  return id;
}

export function unknownBulkAction(): Refusal {
  return notFound('There is no such bulk action. A dry run that nobody confirms is forgotten after a while.');
}
