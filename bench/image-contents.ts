import { createHash } from 'node:crypto';
import type { Database } from '../src/database/connection.ts';
import { rememberContents } from '../src/database/image-contents.ts';
import type { SeenOriginal } from '../src/domain/documents/image-content.ts';
import { median, rounded, timed } from './measure.ts';

/** Images of a usual audit. */
const imagesOfAudit = 3;
/** Audits that see theirs again; `BENCH_SEEN_AGAIN` for less. */
const seenAgain = Number(process.env['BENCH_SEEN_AGAIN'] ?? 50_000);

/**
 * Fills `image_content` as a first pass over the archives leaves it, each image seen 400 days ago: as audits come upon them,
 * in no order of their ids, so that the index is as full as random inserts make it.
 */
export async function fillImageContents(db: Database, images: number): Promise<void> {
  await db.query(
    `insert into artwork_reconciler.image_content (artwork_id, md5, first_seen, last_seen, entity_type, suffix)
     select id, md5(id::text)::uuid, current_date - 400, current_date - 400, 'release', 'jpg'
     from generate_series(1, $1::bigint) id order by hashint8(id)`,
    [images],
  );
  await db.query('vacuum analyze artwork_reconciler.image_content');
}

/**
 * What remembering contents costs: bytes an image, when it was first seen and when audits saw it again, a year later and in
 * the same order, without a vacuum; and milliseconds an audit.
 */
export async function contentsCost(db: Database, images: number): Promise<Readonly<Record<string, number>>> {
  await fillImageContents(db, images);
  const before = await contentBytes(db);
  const { rows } = await db.query<{ id: number }>(
    `select artwork_id::float8 as id from artwork_reconciler.image_content where ctid < '(1000000,0)' limit $1`,
    [Math.min(images, seenAgain * imagesOfAudit)],
  );
  const taken: number[] = [];
  for (let from = 0; from < rows.length; from += imagesOfAudit) {
    const seen = rows.slice(from, from + imagesOfAudit).map(({ id }) => contentOf(id));
    taken.push(await timed(() => rememberContents(db, 'release', seen)));
  }
  return {
    image_bytes: rounded(before / images),
    image_bytes_seen_again: rounded(before / images + ((await contentBytes(db)) - before) / rows.length),
    remember_ms_median: rounded(median(taken) * 1000),
  };
}

function contentOf(artworkId: number): SeenOriginal {
  return { artworkId, suffix: 'jpg', md5: createHash('md5').update(String(artworkId)).digest('hex') };
}

async function contentBytes(db: Database): Promise<number> {
  const { rows } = await db.query<{ bytes: number }>(
    `select pg_total_relation_size('artwork_reconciler.image_content')::float8 as bytes`,
  );
  return rows[0]?.bytes ?? 0;
}
