import { vi } from 'vitest';
import type { Review, ReviewStatus } from '../../src/database/reviews/reviews.ts';
import { itemName } from '../../src/domain/documents/file-names.ts';
import type { EntityKey } from '../../src/domain/entity.ts';
import { addDrift } from '../../src/simulator/drift/seed-demo.ts';
import { entityNow, makeDue } from '../support/audits.ts';
import type { Deployment } from '../support/deployment.ts';
import { listReviews } from '../support/lists.ts';

/** An entity that drifted on purpose; what docs/reviews.md quotes is what its review says. */
export interface ReviewCase {
  /** As the quotation names it. */
  readonly name: string;
  /** A kind of drift of the simulator. */
  readonly drift: string;
  /** Changes what the archive does with the item, before it is audited. */
  readonly arrange?: (deployment: Deployment, key: EntityKey) => Promise<void> | void;
}

/** In the order of the page. Each is a release of its own. */
export const reviewCases: readonly ReviewCase[] = [
  { name: 'item.exists', drift: 'item_missing' },
  { name: 'item.dark', drift: 'dark_without_flag' },
  { name: 'item.dark-public', drift: 'public_despite_flag' },
  { name: 'files.image', drift: 'image_missing' },
  { name: 'files.image-suffix', drift: 'image_under_other_suffix' },
  { name: 'files.extra_image', drift: 'image_of_nobody' },
  { name: 'files.extra_image-darkened', drift: 'merged_into_darkened' },
  { name: 'files.image_unique', drift: 'image_under_two_suffixes' },
  { name: 'files.unknown', drift: 'original_under_other_name' },
  {
    name: 'files.image_content',
    drift: 'in_step',
    // Audits saw another content of its first image, until it was replaced.
    arrange: async ({ db, simulator }, { gid }) => {
      const names = simulator.archive.item(itemName(gid))!.files.map(({ name }) => name);
      const [, artworkId, suffix] = names.map((name) => /-(\d+)\.(jpg|png|gif|pdf)$/.exec(name)).find(Boolean)!;
      await db.query(
        `insert into artwork_reconciler.image_content (artwork_id, suffix, entity_type, md5, first_seen, last_seen)
         values ($1, $2, 'release', '0cc175b9c0f1b6a831c399e269772661', '2024-05-06', '2025-06-07')`,
        [artworkId, suffix],
      );
    },
  },
  { name: 'meta.mediatype', drift: 'mediatype_wrong' },
  { name: 'orphan.xml', drift: 'merged_xml_left' },
  { name: 'orphan.leftovers', drift: 'merged_thumbnail_left' },
  { name: 'orphan.never_indexed', drift: 'unknown_test_upload' },
  {
    name: 'could-not-be-judged',
    drift: 'xml_missing',
    // A task that never ends: the item is never settled, so that it cannot be judged.
    arrange: ({ simulator }, { gid }) => {
      simulator.faults.taskStuck = [itemName(gid)];
    },
  },
  {
    name: 'failed-for-good',
    drift: 'xml_truncated',
    arrange: ({ simulator }, { gid }) => {
      simulator.faults.accessDenied = [itemName(gid)];
    },
  },
];

/** Makes the case's entity, and has it audited. */
export async function makeCase(deployment: Deployment, { drift, arrange }: ReviewCase): Promise<EntityKey> {
  const { db, simulator } = deployment;
  const [key] = await addDrift(db, simulator.archive, drift, { entityType: 'release', seed: 'handbook' });
  await arrange?.(deployment, key!);
  await makeDue(db, [key!]);
  return key!;
}

/** Five consecutive audits, or five attempts, take longest: half a minute where others work on the machine. */
const patience = { timeout: 150_000, interval: 100 } as const;

/** Waits until the entity's newest review has this status, and returns it. */
export async function reviewOf(
  { db }: Pick<Deployment, 'db'>,
  key: EntityKey,
  status: ReviewStatus = 'open',
): Promise<Review> {
  return vi.waitFor(async () => {
    const { id, status: now } = await entityNow(db, key);
    const found = (await listReviews(db, { entityId: id, status, limit: 10 })).at(-1);
    if (found === undefined) throw new Error(`${key.gid} is ${now}, and has no review that is ${status} yet`);
    return found;
  }, patience);
}

const requestId = '50dfc7ff-af91-4fd6-a9e3-e5be14bf87b5';

/** What differs from one run to the next, as the page has it: numbers of rows and requests, moments, how much waits. */
export function asQuoted(text: string): string {
  return text
    .replace(/\bevent \d+/g, 'event 12345')
    .replace(/\breview \d+/g, 'review 17')
    .replace(/\baudit \d+/g, 'audit 4711')
    .replace(/\b\d{4}-\d\d-\d\d([T ])[\d:]+/g, (_all, between: string) => `2026-08-01${between}12:00:00`)
    .replace(/\(\d+ (?:s|min) ago\)/g, '(3 h ago)')
    .replace(/\bsince \d{4}-\d\d-\d\d/g, 'since 2026-08-01')
    .replace(/\bhas \d+ tasks\b/, 'has 3 tasks')
    .replace(/(RequestId[ >])[0-9a-f-]{36}/g, (_all, before: string) => `${before}${requestId}`);
}
