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
