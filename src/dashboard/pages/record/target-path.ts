import { isMbid } from '../../../domain/entity.ts';
import { entityPath } from '../../layout/entity-links.tsx';

/** The page of what a record is about, by the words that name it; null where there is none. */
export function targetPath(target: string): string | null {
  const [kind = '', key = '', ...more] = target.split(' ');
  if (more.length > 0) return null;
  if ((kind === 'release' || kind === 'event') && isMbid(key)) return entityPath({ entityType: kind, gid: key });
  if (kind === 'event' && /^\d+$/.test(key)) return `/events/${key}`;
  if (kind === 'review' && /^\d+$/.test(key)) return `/reviews/${key}`;
  return key === '' && /^[a-z_]+$/.test(kind) ? '/schedule' : null;
}

/** The page of the bulk action that a record is about, which has its rows; null where it is about none. */
export function bulkActionPath(after: unknown): string | null {
  const { bulk_action: id } = (after ?? {}) as { readonly bulk_action?: unknown };
  return typeof id === 'string' && /^[0-9a-f-]{36}$/.test(id) ? `/bulk/${id}` : null;
}
