import type { PropsWithChildren } from 'hono/jsx';
import type { EntityName } from '../../database/musicbrainz/entity-kinds.ts';
import { type EntityKey, type EntityType, isMbid } from '../../domain/entity.ts';
import type { EventAction, EventState } from '../../domain/queue/indexer-event.ts';
import { frontAddress, thumbnailAddress } from '../../domain/site-links.ts';
import type { PageContext } from '../environment.ts';

/** What one recognizes something by: an image on an entity's item, or its front where none is named. */
export interface Picture {
  readonly entity: EntityKey;
  readonly artworkId: number | null;
}

/** The front of what MusicBrainz has under this MBID: what was merged or deleted has none of its own. */
export function frontOf(entity: EntityKey, name: EntityName | null | undefined): Picture | null {
  return name && name.mergedInto === null ? { entity, artworkId: null } : null;
}

interface PicturedEvent {
  readonly entityType: EntityType;
  readonly action: EventAction;
  readonly state: EventState;
  readonly message: unknown;
  readonly name?: EntityName | null;
}

/** The image that an event is about, on the item that has it as far as its state tells; else the front of its entity. */
export function pictureOfEvent({ entityType, action, state, message, name }: PicturedEvent): Picture | null {
  const { gid, old_gid, new_gid, artwork_id: artworkId } = (message ?? {}) as Readonly<Record<string, unknown>>;
  const receiver = gid ?? new_gid;
  if (!isMbid(receiver)) return null;
  const holder = itemWithImage(action, state, { gid, old_gid, new_gid });
  if (isMbid(holder) && typeof artworkId === 'number') return { entity: { entityType, gid: holder }, artworkId };
  return frontOf({ entityType, gid: receiver }, name);
}

/** Null where the image is gone, was never there, or there is none. */
function itemWithImage(action: EventAction, state: EventState, gids: Readonly<Record<string, unknown>>): unknown {
  if (action === 'copy_image') {
    // What most of them fail for is that there is nothing to copy.
    return state === 'failed' ? null : gids[state === 'completed' ? 'new_gid' : 'old_gid'];
  }
  return action === 'delete_image' && state !== 'completed' ? gids['gid'] : null;
}

/**
 * A small picture, which the reader's browser gets from the archive once it comes into sight; we never ask for it. It says
 * nothing that the words beside it don't. Where there is none, or the archive doesn't give it, the box has a dash; at the head
 * of a page there is no box where it is known that there is no picture.
 *
 * The box has a size and the image none of its own: browsers show an image with a size as a broken one when it doesn't come.
 */
function Thumbnail({ c, of }: { readonly c: PageContext; readonly of: Picture | null }) {
  return (
    <span class="thumbnail">
      {of !== null && (
        <img src={addressOf(c, of)} alt="" loading="lazy" decoding="async" referrerpolicy="no-referrer" />
      )}
    </span>
  );
}

function addressOf(c: PageContext, { entity, artworkId }: Picture): string {
  const sites = c.var.parts.config();
  return artworkId === null ? frontAddress(sites, entity) : thumbnailAddress(sites, entity.gid, artworkId);
}

interface PicturedProps {
  readonly c: PageContext;
  readonly of: Picture | null;
  /** Whether it is what the page is about: then the picture is larger. */
  readonly isHead?: boolean;
}

/** Words beside a picture: what pages show of an entity, an event or a review. */
export function Pictured({ c, of, isHead = false, children }: PropsWithChildren<PicturedProps>) {
  return (
    <div class={isHead ? 'pictured is-head' : 'pictured'}>
      {(of !== null || !isHead) && <Thumbnail c={c} of={of} />}
      <div>{children}</div>
    </div>
  );
}
