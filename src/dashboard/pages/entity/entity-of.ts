import { type EntityKey, entityTypes, isMbid } from '../../../domain/entity.ts';
import type { PageContext } from '../../environment.ts';
import { notFound } from '../../refusals.ts';

/** The entity that an address names. @throws {Refusal} 404 */
export function entityOf(c: PageContext): EntityKey {
  const entityType = entityTypes.find((each) => each === c.req.param('type'));
  const gid = (c.req.param('gid') ?? '').toLowerCase();
  if (entityType === undefined || !isMbid(gid)) {
    throw notFound('That names no entity: an address has release or event in it, and an MBID after that.');
  }
  return { entityType, gid };
}
