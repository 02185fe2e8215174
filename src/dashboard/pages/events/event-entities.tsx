import { type EntityKey, type EntityType, isMbid } from '../../../domain/entity.ts';
import { describeMessage } from '../../../wording/event-message.ts';
import { shortened } from '../../../wording/shortened.ts';
import { EntityLink } from '../../layout/entity-links.tsx';

/** The entities that a message names, whatever form it has. */
export function entitiesOf(entityType: EntityType, message: unknown): readonly EntityKey[] {
  const { gid, old_gid, new_gid } = (message ?? {}) as Readonly<Record<string, unknown>>;
  const gids = [gid, old_gid, new_gid].filter((text): text is string => typeof text === 'string' && isMbid(text));
  return [...new Set(gids)].map((each) => ({ entityType, gid: each }));
}

/** What a message is about, its entities as links; a message that isn't understood as it is. */
export function MessageLinks({ entityType, message }: { readonly entityType: EntityType; readonly message: unknown }) {
  const entities = entitiesOf(entityType, message);
  const { artwork_id: artworkId, suffix } = (message ?? {}) as Readonly<Record<string, unknown>>;
  if (entities.length === 0) return <code>{shortened(describeMessage(message))}</code>;
  return (
    <>
      {entities.map((entity, position) => (
        <>
          {position > 0 && ' to '}
          <EntityLink entity={entity} />
        </>
      ))}
      {typeof artworkId === 'number' && ` image ${artworkId}.${shortened(String(suffix), 20)}`}
    </>
  );
}
