import sql, { raw } from 'sql-template-tag';
import type { EntityType } from '../../domain/entity.ts';
import type { DeleteImageMessage } from '../../domain/queue/indexer-event.ts';
import type { Queryable } from '../connection.ts';
import { readOnlyMd5 } from '../image-contents.ts';
import { clock, ended, imageFile, item, open, target } from '../queue/event-sql.ts';
import { findImageOwners } from '../musicbrainz/image-owners.ts';

/** What the database knows that bears on the deletion of an image, right before it. */
export interface DatabaseDeleteFacts {
  /** A copy from this very file that has to go first, and whether it was created earlier; null where there is none. */
  readonly waitingCopy: { readonly id: number; readonly isEarlier: boolean } | null;
  /** Whether MusicBrainz lists the image for this very entity. */
  readonly listedHere: boolean;
  /** The other entity that MusicBrainz lists the image for, and the suffix of its file there. */
  readonly owner: { readonly gid: string; readonly suffix: string } | null;
  /**
   * Whether a copy of the image to the item, or to its owner's, is open or has ended less than `settle_minutes` ago: it
   * may be applied still.
   */
  readonly copyIsComing: { readonly here: boolean; readonly toOwner: boolean };
  /**
   * A deletion of the owner's own file that is open, or was carried out less than `settle_minutes` ago: what its item
   * shows of the image is about to go. Null where there is none.
   */
  readonly ownersDeletion: number | null;
  /** The md5 that audits saw of the image, and no other: stands in where the archive lists none of the file to be deleted. */
  readonly rememberedMd5: string | null;
  /** The number of times the deletion was snoozed. */
  readonly timesSnoozed: number;
}

/**
 * Reads what the database knows of an image that is to be deleted.
 *
 * A copy goes first where it is queued and was created later, if the deletion depends on nothing (artwork-indexer's own
 * rule); and where it was created earlier and is open, whatever the deletion depends on (it may have been committed
 * after the deletion was claimed).
 */
export async function readDeleteFacts(
  q: Queryable,
  order: { readonly eventId: number; readonly entityType: EntityType; readonly message: DeleteImageMessage },
  settings: { readonly settleMinutes: number },
): Promise<DatabaseDeleteFacts> {
  const { entityType, message, eventId } = order;
  const copies = await q.query<{ id: number; isEarlier: boolean }>(waitingCopyStatement, [eventId]);
  const listed = (await findImageOwners(q, entityType, [message.artwork_id])).get(message.artwork_id);
  const listedHere = listed?.gid === message.gid;
  const owner = listed === undefined || listedHere ? null : { gid: listed.gid, suffix: listed.suffix };
  const getsCopy = (gid: string) => isCopyComing(q, gid, order, settings.settleMinutes);
  return {
    waitingCopy: copies.rows[0] ?? null,
    listedHere,
    owner,
    copyIsComing: { here: await getsCopy(message.gid), toOwner: owner !== null && (await getsCopy(owner.gid)) },
    ownersDeletion: owner === null ? null : await deletionOf(q, owner, order, settings.settleMinutes),
    rememberedMd5: await readOnlyMd5(q, entityType, { artworkId: message.artwork_id, suffix: message.suffix }),
    timesSnoozed: await readTimesSnoozed(q, eventId),
  };
}

async function readTimesSnoozed(q: Queryable, eventId: number): Promise<number> {
  const { rows } = await q.query<{ times: number }>(
    `select count(*)::int as times from artwork_reconciler.event_attempt where event = $1 and outcome = 'given_back'`,
    [eventId],
  );
  return rows[0]?.times ?? 0;
}

const waitingCopyStatement = `
  select copy.id, (copy.created, copy.id) < (deletion.created, deletion.id) as "isEarlier"
  from artwork_indexer.event_queue deletion
  join artwork_indexer.event_queue copy
    on ${open('copy')} and ${item('copy')} = ${item('deletion')} and ${imageFile('copy')} = ${imageFile('deletion')}
  where deletion.id = $1 and copy.action = 'copy_image' and copy.entity_type = deletion.entity_type
    and case
      when (copy.created, copy.id) < (deletion.created, deletion.id) then not coalesce(copy.depends_on, '{}') @> array[deletion.id]
      else copy.state = 'queued' and cardinality(coalesce(deletion.depends_on, '{}')) = 0
    end
  order by copy.created, copy.id
  limit 1`;

async function isCopyComing(
  q: Queryable,
  gid: string,
  { entityType, message }: { readonly entityType: EntityType; readonly message: DeleteImageMessage },
  settleMinutes: number,
): Promise<boolean> {
  const ofImage = sql`copy.action = 'copy_image' and ${raw(target('copy'))} = ${gid}::text
    and copy.entity_type = ${entityType} and copy.message->>'artwork_id' = ${String(message.artwork_id)}::text`;
  const { rows } = await q.query<{ comes: boolean }>(
    sql`select exists (select from artwork_indexer.event_queue copy where ${raw(open('copy'))} and ${ofImage})
       or exists (
         select from artwork_indexer.event_queue copy
         where ${raw(ended('copy'))} and ${ofImage} and copy.state = 'completed'
           and copy.last_updated > ${raw(clock)} - make_interval(secs => ${settleMinutes * 60})
       ) as comes`,
  );
  return rows[0]?.comes ?? false;
}

/**
 * When an image is moved to and fro, both of the items that hold it may be cleared on the strength of the other: each
 * deletion has seen the copy that the other one deletes.
 */
async function deletionOf(
  q: Queryable,
  owner: { readonly gid: string; readonly suffix: string },
  { entityType, message }: { readonly entityType: EntityType; readonly message: DeleteImageMessage },
  settleMinutes: number,
): Promise<number | null> {
  const ofFile = sql`deletion.action = 'delete_image' and deletion.entity_type = ${entityType}
    and ${raw(item('deletion'))} = ${owner.gid}::text
    and deletion.message->>'artwork_id' = ${String(message.artwork_id)}::text
    and deletion.message->>'suffix' = ${owner.suffix}::text`;
  const { rows } = await q.query<{ id: number }>(
    sql`select deletion.id from artwork_indexer.event_queue deletion where ${raw(open('deletion'))} and ${ofFile}
     union all
     select deletion.id from artwork_indexer.event_queue deletion
     where ${raw(ended('deletion'))} and ${ofFile} and deletion.state = 'completed'
       and deletion.last_updated > ${raw(clock)} - make_interval(secs => ${settleMinutes * 60})
     limit 1`,
  );
  return rows[0]?.id ?? null;
}
