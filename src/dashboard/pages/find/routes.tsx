import { Hono } from 'hono';
import { z } from 'zod';
import type { Queryable } from '../../../database/connection.ts';
import { readList } from '../../../database/lists/list.ts';
import { resolveNamed, withNames } from '../../../database/musicbrainz/entity-kinds.ts';
import { findByTitle } from '../../../database/musicbrainz/find-by-title.ts';
import { findImageOwners } from '../../../database/musicbrainz/image-owners.ts';
import { eventList } from '../../../database/queue/list-events.ts';
import { reviewList } from '../../../database/reviews/list-reviews.ts';
import { parseRowId } from '../../../database/row-id.ts';
import { entitiesAreNamed, type EntityKey, type EntityType, entityTypes, parseNamed } from '../../../domain/entity.ts';
import { nameInWords, shortened } from '../../../wording/text.ts';
import type { DashboardEnv, PageContext } from '../../environment.ts';
import { entityPath } from '../../layout/inline.tsx';
import { Page } from '../../layout/page.tsx';
import { frontOf, type Picture, Pictured, pictureOfEvent } from '../../layout/thumbnail.tsx';
import { freeText, readFields } from '../../forms/parameters.ts';
import { badField } from '../../refusals.ts';
import { pictureOfReview, reviewTitle } from '../../layout/review-title.ts';

/** Something that a search found: where it is, and what it is. */
interface Found {
  readonly path: string;
  /** What people call it. */
  readonly title: string;
  /** What tells it from others of that title, where the title doesn't. */
  readonly detail: string | null;
  readonly picture: Picture | null;
}

interface SearchAnswer {
  readonly found: readonly Found[];
  /** What the text names that has no page here, e.g. `an artist`. */
  readonly others: readonly string[];
  /** Kinds whose names have no index in this database. Null where titles were not searched. */
  readonly unsearched: readonly EntityType[] | null;
}

/** Entries of a list. */
const most = 20;

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;

/**
 * What a text stands for: MBIDs and addresses anywhere in it; `event 98`, `review 3`; a number as any of these or an
 * image's id; else the beginning of a title.
 */
async function readSearch(q: Queryable, text: string): Promise<SearchAnswer> {
  const words = text.trim().split(/[\s,;<>()"'“”]+/);
  if (uuid.test(text)) return readMbids(q, text, words);
  const [, kind = null, digits = ''] = /^(?:(event|review|image)\s*)?#?\s*(\d{1,19})$/i.exec(text.trim()) ?? [];
  const id = parseRowId(digits);
  const numbered = id === null ? [] : await readNumbered(q, kind?.toLowerCase() ?? null, id);
  if (numbered.length > 0 || kind !== null) return { found: numbered, others: [], unsearched: null };
  const { found, unsearched } = await findByTitle(q, text.trim(), most);
  return { found: await asFound(q, found), others: [], unsearched };
}

/** Entities by their names; `detailOf` says what else is to be said of each. */
async function asFound<Entity extends EntityKey>(
  q: Queryable,
  entities: readonly Entity[],
  detailOf = ({ entityType, gid }: Entity) => `${entityType} ${gid}`,
): Promise<readonly Found[]> {
  return (await withNames(q, entities, (entity) => entity)).map((entity) => {
    const detail = detailOf(entity);
    return {
      path: entityPath(entity),
      title: entity.name ? nameInWords(entity.name) : detail,
      detail: entity.name ? detail : null,
      picture: frontOf(entity, entity.name),
    };
  });
}

async function readMbids(q: Queryable, text: string, words: readonly string[]): Promise<SearchAnswer> {
  const others: string[] = [];
  const keys = new Map<string, EntityKey>();
  const whole = parseNamed(text);
  const readings = whole.kind === 'nothing' ? words.filter((word) => uuid.test(word)).map(readingOf) : [whole];
  for (const reading of readings.slice(0, most)) {
    if (reading.kind === 'other') others.push(reading.what);
    if (reading.kind === 'named') keys.set(reading.gid, await resolveNamed(q, reading));
  }
  return { found: await asFound(q, [...keys.values()]), others, unsearched: null };
}

/** An MBID within other characters, such as a file's name, is of whatever kind MusicBrainz says. */
function readingOf(word: string): ReturnType<typeof parseNamed> {
  const reading = parseNamed(word.replace(/[.:!?\]]+$/, ''));
  if (reading.kind !== 'nothing') return reading;
  return { kind: 'named', gid: uuid.exec(word)![0].toLowerCase(), entityType: null };
}

async function readNumbered(q: Queryable, kind: string | null, id: number): Promise<readonly Found[]> {
  const found: Found[] = [];
  if (kind === null || kind === 'event') {
    const { rows } = await readList(q, eventList, { ids: [id], dismissed: 'shown' }, { limit: 1, look: 1 });
    for (const event of rows) {
      const { state, action, name } = event;
      const detail = `event ${id}: ${action.replace('_', ' ')}, ${state}`;
      found.push({
        path: `/events/${id}`,
        title: name ? nameInWords(name) : detail,
        detail: name ? detail : null,
        picture: pictureOfEvent(event),
      });
    }
  }
  if (kind === null || kind === 'review') {
    const { rows } = await readList(q, reviewList, { ids: [id], handedOver: 'shown' }, { limit: 1, look: 1 });
    for (const review of rows) {
      found.push({
        path: `/reviews/${id}`,
        title: reviewTitle(review, review.name),
        detail: `review ${id}: ${review.status.replace('_', ' ')}`,
        picture: pictureOfReview(review, review.name),
      });
    }
  }
  if (kind === null || kind === 'image') {
    for (const entityType of entityTypes) {
      const owners = [...(await findImageOwners(q, entityType, [id])).values()].map(({ gid }) => ({ entityType, gid }));
      found.push(...(await asFound(q, owners, ({ gid }) => `image ${id} of the ${entityType} ${gid}`)));
    }
  }
  return found;
}

const parameters = z.object({ q: freeText(500) });

/** Leads to the one thing that a pasted text names, else lists what it may stand for. */
export function findRoutes(): Hono<DashboardEnv> {
  return new Hono<DashboardEnv>().get('/find', async (c) => {
    const { q: text } = readFields(new Map(Object.entries(c.req.queries())), parameters);
    if (text === undefined) {
      if (c.var.refused === undefined) return c.redirect('/entities');
      return c.html(<FoundPage c={c} text={null} answer={{ found: [], others: [], unsearched: null }} />);
    }
    const answer = await c.var.read((q) => readSearch(q, text));
    const { found, others, unsearched } = answer;
    const [only, ...more] = found;
    if (only !== undefined && more.length === 0 && others.length === 0 && unsearched === null) {
      return c.redirect(only.path);
    }
    if (only === undefined && others.length > 0) {
      throw badField('q', `q takes ${entitiesAreNamed}; not that of ${[...new Set(others)].join(' or ')}`);
    }
    return c.html(<FoundPage c={c} text={text} answer={answer} />, only === undefined ? 404 : 200);
  });
}

interface Props {
  readonly c: PageContext;
  /** What was searched for; null where that can't be read. */
  readonly text: string | null;
  readonly answer: SearchAnswer;
}

function FoundPage({ c, text, answer: { found, others, unsearched } }: Props) {
  return (
    <Page c={c} title={text === null ? 'Find' : `Found for “${shortened(text, 60)}”`}>
      {found.length === 0 ? (
        <p class="message">
          {text !== null && 'Nothing. '}The field takes a text with MBIDs or their addresses in it, “event 98”, “review
          3”, the id of an image, or the beginning of a title.
        </p>
      ) : (
        <ul class="found">
          {found.map(({ path, title, detail, picture }) => (
            <li>
              <Pictured c={c} of={picture}>
                <a class="title" href={path}>
                  {shortened(title, 200)}
                </a>
                {detail !== null && <span class="kind">{shortened(detail, 200)}</span>}
              </Pictured>
            </li>
          ))}
        </ul>
      )}
      {others.length > 0 && <p class="notice">Not shown, as it has no art of its own: {others.join(', ')}.</p>}
      {unsearched !== null && unsearched.length > 0 && (
        <p class="notice">
          Titles of {unsearched.map((kind) => `${kind}s`).join(' and ')} can’t be searched: this database has no index
          of their names, and without one all of them would have to be read.
        </p>
      )}
    </Page>
  );
}
