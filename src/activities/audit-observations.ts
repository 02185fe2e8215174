import { createHash } from 'node:crypto';
import { openEventsNaming } from '../database/event-queries/index.ts';
import { fingerprintOf, readDecisionBasis } from '../database/musicbrainz/fingerprint.ts';
import { findImageOwners } from '../database/musicbrainz/image-owners.ts';
import { checkItem, imagesInQuestion } from '../domain/checks/index.ts';
import type { EntityKey } from '../domain/entity.ts';
import type { ExpectedState } from '../domain/expected-state.ts';
import { indexFileName, originalFileName, xmlFileName } from '../domain/file-names.ts';
import type { ImageCopy, ImageOwner, ImagesInQuestion } from '../domain/image-copy.ts';
import { expectedIndexBytes } from '../domain/index-document.ts';
import type { ObservedFile, ObservedItem } from '../domain/observed-item.ts';
import { projects } from '../domain/project.ts';
import type { RequestCounts } from '../domain/request-count.ts';
import type { CopyQuestion, DerivedMetadata, ObservedAudit, PendingEvents, SeenCopies } from './audit-results.ts';
import type { Dependencies } from './dependencies.ts';
import { createDocumentComparisons } from './document-comparisons.ts';
import { describePending } from './pending-events.ts';

export type AuditObservations = ReturnType<typeof createAuditObservations>;

/** What an audit asks of archive.org. Documents are compared where they are downloaded; only findings leave. */
export function createAuditObservations(dependencies: Dependencies) {
  const { db, config, clients } = dependencies;
  return {
    ...createDocumentComparisons(dependencies),

    /**
     * One metadata request, and all that it tells: findings, the documents that are not known to be as expected, images
     * in question, and where copies of these may be.
     */
    async observeItem(key: EntityKey): Promise<ObservedAudit | PendingEvents> {
      // MusicBrainz before the archive: an image that is added in between would seem to be missing, and the fingerprint,
      // which is of what was read first, tells that something changed when it is decided.
      const basis = await readDecisionBasis(db, { key, extraArtworkIds: [] });
      const { expected } = basis;
      const pending = await openEventsNaming(db, key.entityType, key.gid);
      if (pending.length > 0) return { kind: 'pending_events', reason: describePending(pending) };
      const session = clients();
      const item = await session.reader.observe(key.gid);
      const images = imagesInQuestion(expected, item);
      const extraArtworkIds = images.extra.map(({ artworkId }) => artworkId);
      const owners = await findImageOwners(db, key.entityType, extraArtworkIds);
      const settleSeconds = config().audit.settleMinutes * 60;
      return {
        kind: 'observed',
        identity: expected.identity,
        item: item.kind,
        files: item.kind === 'present' ? item.files.length : 0,
        settlesInSeconds: settlesIn(item, settleSeconds),
        settleSeconds,
        findings: dependencies.findings(checkItem(expected, item)),
        ...documents(expected, item),
        images,
        lookAt: copyQuestions(expected, images, owners),
        fingerprint: fingerprintOf({ ...basis, owners }, extraArtworkIds),
        requests: session.counts(),
      };
    },

    /** Whether another item holds the originals of some images. */
    async lookAtCopies(question: CopyQuestion): Promise<SeenCopies> {
      const session = clients();
      const item = await session.reader.observe(question.gid);
      return {
        copies: question.images.map((image) => seenCopy(question.gid, image, item)),
        requests: session.counts(),
      };
    },

    /** How many tasks the archive has still to apply to the item; null where no key is configured to ask with. */
    async askTasks({ entityType, gid }: EntityKey): Promise<{ tasks: number | null; requests: RequestCounts }> {
      const session = clients();
      const tasks = await session.limits.outstandingTasks(projects[entityType], gid);
      return { tasks, requests: session.counts() };
    },
  };
}

/** Whole seconds until the item's last change is `settleSeconds` ago. */
function settlesIn(item: ObservedItem, settleSeconds: number): number {
  if (item.kind !== 'present' || item.lastUpdated === null) return 0;
  return Math.max(0, Math.ceil(item.lastUpdated + settleSeconds - Date.now() / 1000));
}

type Documents = Pick<ObservedAudit, 'derived' | 'index' | 'place' | 'xml'>;

/** The documents of a live entity's item: which are there, and whether index.json is known to be as expected. */
function documents(expected: ExpectedState, item: ObservedItem): Documents {
  if (expected.identity !== 'live' || item.kind !== 'present')
    return { index: null, xml: null, derived: null, place: null };
  const index = fileNamed(item.files, indexFileName);
  const xml = fileNamed(item.files, xmlFileName(expected.key.gid));
  return {
    index: index && { md5: index.md5, asExpected: index.md5 === md5(expectedIndexBytes(expected)) },
    xml: xml && { md5: xml.md5 },
    derived: xml && derivedMetadata(item.metadata),
    place: { nodes: item.nodes, dir: item.dir },
  };
}

function fileNamed(files: readonly ObservedFile[], name: string): ObservedFile | null {
  return files.find((file) => file.name === name) ?? null;
}

function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

/** The fields that the archive derives from mb_metadata.xml (domain page musicbrainz.md, at its end). */
const derivedFields = ['title', 'creator', 'creator-alt-script', 'date', 'language', 'external-identifier'];

function derivedMetadata(metadata: DerivedMetadata): DerivedMetadata {
  return Object.fromEntries(derivedFields.flatMap((field) => (metadata[field] ? [[field, metadata[field]]] : [])));
}

/**
 * Where copies of the images in question may be: missing ones on the items of gids merged into the entity, extra ones
 * on their owner's.
 */
function copyQuestions(
  { mergedFrom }: ExpectedState,
  { missing, extra }: ImagesInQuestion,
  owners: ReadonlyMap<number, ImageOwner>,
): CopyQuestion[] {
  const questions = new Map<string, { artworkId: number; suffix: string }[]>();
  for (const { artworkId, suffix } of missing) {
    for (const gid of mergedFrom) questions.set(gid, [...(questions.get(gid) ?? []), { artworkId, suffix }]);
  }
  for (const { artworkId } of extra) {
    const owner = owners.get(artworkId);
    if (owner === undefined) continue;
    questions.set(owner.gid, [...(questions.get(owner.gid) ?? []), { artworkId, suffix: owner.suffix }]);
  }
  return [...questions].map(([gid, images]) => ({ gid, images }));
}

function seenCopy(gid: string, { artworkId, suffix }: CopyQuestion['images'][number], item: ObservedItem): ImageCopy {
  if (item.kind !== 'present') return { gid, artworkId, suffix, seen: item.kind, md5: null };
  const original = fileNamed(item.files, originalFileName(gid, artworkId, suffix));
  const held = original?.source === 'original';
  return { gid, artworkId, suffix, seen: held ? 'held' : 'lacking', md5: held ? original.md5 : null };
}
