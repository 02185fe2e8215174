import { createHash } from 'node:crypto';
import { CoolDownError, UnreadableError } from '../clients/errors.ts';
import { judgeContents, memorable, readContents, rememberContents } from '../database/image-contents.ts';
import { fingerprintOf, readDecisionBasisTogether } from '../database/audits/decision-basis.ts';
import { readKinds } from '../database/musicbrainz/entity-kinds.ts';
import { findImageOwners } from '../database/musicbrainz/image-owners.ts';
import { checkItem } from '../domain/checks/catalogue.ts';
import { derivedFields } from '../domain/checks/derived-check.ts';
import { type ItemToInspect, listContents, listIds, listImages, unlistIds } from '../domain/decision/image-lists.ts';
import { entityTypeOf } from '../domain/decision/suspicion.ts';
import { indexFileName, xmlFileName } from '../domain/documents/file-names.ts';
import {
  type ChangedContent,
  type ExtraImage,
  type ImageOwner,
  type ImagesInQuestion,
  onlyMd5,
} from '../domain/documents/image-content.ts';
import { expectedIndexBytes } from '../domain/documents/index-document.ts';
import { findOriginal, imagesInQuestion, itemFiles } from '../domain/documents/item-files.ts';
import { type EntityKey, type EntityType, type Identity, projects } from '../domain/entity.ts';
import type { ExpectedState } from '../domain/expected-state.ts';
import type { ObservedFile, ObservedItem, PresentItem } from '../domain/documents/observed-item.ts';
import { addCounts, type RequestCounts } from '../domain/queue/request-count.ts';
import type { ArchiveSteps, DerivedMetadata, ObservedAudit, OtherKind } from '../audit/steps.ts';
import type { Dependencies } from './dependencies.ts';
import { compareWebService, createDocumentComparisons } from './document-comparisons.ts';

/**
 * What an audit asks of archive.org. Documents are compared where they are downloaded; only findings leave.
 *
 * @param remembers false for an audit that changes nothing: then what is seen is only judged
 */
export function createAuditObservations(dependencies: Dependencies, { remembers = true } = {}): ArchiveSteps {
  const { db, config, clients } = dependencies;
  return {
    ...createDocumentComparisons(dependencies),

    async observeItem(key) {
      // MusicBrainz before the archive: an image that is added in between would seem to be missing, and the fingerprint,
      // which is of what was read first, tells that something changed when it is decided.
      const basis = await readDecisionBasisTogether(db, { key, extraArtworkIds: [] });
      const { expected, pending } = basis;
      if (pending.length > 0) return { kind: 'pending_events', reason: describePending(pending) };
      const known =
        expected.identity === 'live'
          ? key.entityType
          : (await readKinds(db, [key.gid])).knownAs(key.gid, key.entityType);
      if (known !== null && known !== key.entityType) return isKnownAs(key, known);
      const session = clients();
      const item = await session.reader.observe(key.gid);
      const liesElsewhere = expected.identity !== 'live' && item.kind === 'present' ? otherProjectOf(key, item) : null;
      if (liesElsewhere !== null) return isInCollection(key, expected.identity, liesElsewhere);
      const contents = await judge(key, item);
      const images = await withRememberedContents(key, imagesInQuestion(expected, item));
      const extraArtworkIds = images.extra.map(({ artworkId }) => artworkId);
      const owners = await findImageOwners(db, key.entityType, extraArtworkIds);
      const settleSeconds = config().audit.settleMinutes * 60;
      const settlesInSeconds = settlesIn(item, settleSeconds, session.now());
      const inQuestion = documents(expected, item);
      // An orphan is confirmed by the web service; of a live entity only its XML is compared.
      const isNeeded = settlesInSeconds === 0 && (expected.identity !== 'live' || inQuestion.xml !== null);
      const { webService, wasted } = isNeeded
        ? await askInPlace(key, inQuestion)
        : { webService: 'not_needed' as const };
      return {
        kind: 'observed',
        identity: expected.identity,
        expected: { images: expected.images.length, presence: expected.presence },
        item: item.kind,
        files: item.kind === 'present' ? item.files.length : 0,
        settlesInSeconds,
        settleSeconds,
        findings: dependencies.findings(checkItem(expected, item, contents)),
        ...stillNeeded(inQuestion, webService),
        webService,
        images: listImages(images),
        lookAt: itemsToInspect(expected, images, owners),
        fingerprint: fingerprintOf({ ...basis, owners }, extraArtworkIds),
        requests: addCounts(session.counts(), wasted ?? {}),
      };
    },

    async lookAtCopies({ gid, images }) {
      const session = clients();
      const item = await session.reader.observe(gid);
      const held = unlistIds(images).flatMap((image) => {
        const original = findOriginal(item, gid, image.artworkId, image.suffix);
        return original === null ? [] : [{ ...original, ...image }];
      });
      return { item: item.kind, held: listContents(held), requests: session.counts() };
    },

    async askTasks({ entityType, gid }) {
      const session = clients();
      const tasks = await session.limits.outstandingTasks(projects[entityType], gid);
      return { tasks, requests: session.counts() };
    },
  };

  /** Which originals of an item have another content than was seen before; each is remembered. */
  function judge({ entityType, gid }: EntityKey, item: ObservedItem): Promise<readonly ChangedContent[]> {
    const originals = item.kind === 'present' ? itemFiles(gid, item.files).originals : [];
    return (remembers ? rememberContents : judgeContents)(db, entityType, memorable(originals));
  }

  /** What was seen of an extra image stands in for an md5 that isn't listed now: it is the file that may be deleted. */
  async function withRememberedContents(
    { entityType }: EntityKey,
    { missing, extra }: ImagesInQuestion,
  ): Promise<ImagesInQuestion> {
    const untold = extra.filter(({ md5 }) => md5 === null).map(({ artworkId }) => artworkId);
    const known = await readContents(db, entityType, untold);
    return { missing, extra: extra.map((image) => ({ ...image, md5: image.md5 ?? onlyMd5(known, image) })) };
  }

  /**
   * A step less for almost every audit. Where the web service has no turn to give at once, or gives no answer, the
   * audit asks it in a step that waits and tries again, and that doesn't keep a place from steps at the archive.
   */
  async function askInPlace(
    key: EntityKey,
    { xml, derived }: Documents,
  ): Promise<{ webService: ObservedAudit['webService']; wasted?: RequestCounts }> {
    const session = clients({ webServiceWaitSeconds });
    try {
      return { webService: await compareWebService(dependencies, session, key, { md5: xml?.md5 ?? null, derived }) };
    } catch (error) {
      if (!(error instanceof UnreadableError || error instanceof CoolDownError)) throw error;
      return { webService: 'to_be_asked', wasted: session.counts() };
    }
  }
}

function isKnownAs({ entityType, gid }: EntityKey, known: EntityType): OtherKind {
  const reason = `MusicBrainz knows ${gid} as ${projects[known].one}, and it was listed as ${projects[entityType].one}`;
  return { kind: 'other_kind', entityType: known, reason };
}

/** The kind of the other project where the item lies in its collection, and not in its own. */
function otherProjectOf({ entityType }: EntityKey, item: Pick<PresentItem, 'metadata'>): EntityType | null {
  if (item.metadata['collection']?.includes(projects[entityType].collection)) return null;
  return entityTypeOf(item);
}

/** What no table of MusicBrainz has is what its item's collection says. */
function isInCollection({ entityType, gid }: EntityKey, identity: Identity, other: EntityType): OtherKind {
  const where = `its item lies in the collection ${projects[other].collection}`;
  if (identity === 'unknown') {
    const reason = `${where}: ${gid} is ${projects[other].one}, and was listed as ${projects[entityType].one}`;
    return { kind: 'other_kind', entityType: other, reason };
  }
  const reason = `MusicBrainz knows ${gid} as ${projects[entityType].one} that is ${identity}, and ${where}`;
  return { kind: 'other_kind', entityType: null, reason };
}

/** What a step at the archive waits for the web service's turn at most: about what a request takes. */
const webServiceWaitSeconds = 1;

/** Whole seconds until the item's last change is `settleSeconds` ago. @param now in seconds since 1970 */
function settlesIn(item: ObservedItem, settleSeconds: number, now: number): number {
  if (item.kind !== 'present' || item.lastUpdated === null) return 0;
  return Math.max(0, Math.ceil(item.lastUpdated + settleSeconds - now));
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
    xml: xml && { md5: xml.md5, mtime: xml.mtime },
    derived: xml && derivedMetadata(item.metadata),
    place: { nodes: item.nodes, dir: item.dir },
  };
}

/** Without what no step comes to need: this is kept in every audit's history, and almost every item is in order. */
function stillNeeded(documents: Documents, webService: ObservedAudit['webService']): Documents {
  const isAsked = webService !== 'not_needed' && webService !== 'to_be_asked';
  const isXmlInQuestion = documents.xml !== null && !(isAsked && webService.xmlAsExpected);
  const isIndexInQuestion = documents.index !== null && !documents.index.asExpected;
  return {
    ...documents,
    derived: isXmlInQuestion ? documents.derived : null,
    place: isXmlInQuestion || isIndexInQuestion ? documents.place : null,
  };
}

function fileNamed(files: readonly ObservedFile[], name: string): ObservedFile | null {
  return files.find((file) => file.name === name) ?? null;
}

function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

function derivedMetadata(metadata: DerivedMetadata): DerivedMetadata {
  return Object.fromEntries(derivedFields.flatMap((field) => (metadata[field] ? [[field, metadata[field]]] : [])));
}

/**
 * Where copies of the images in question may be: missing ones on the items of gids merged into the entity, extra ones
 * on their owner's. An extra image that its owner has under another suffix is for people anyway.
 */
function itemsToInspect(
  { mergedFrom }: ExpectedState,
  { missing, extra }: ImagesInQuestion,
  owners: ReadonlyMap<number, ImageOwner>,
): ItemToInspect[] {
  const ofOwners = new Map<string, ExtraImage[]>();
  for (const image of extra) {
    const owner = owners.get(image.artworkId);
    if (owner?.suffix !== image.suffix) continue;
    const others = ofOwners.get(owner.gid);
    if (others === undefined) ofOwners.set(owner.gid, [image]);
    else others.push(image);
  }
  return [
    ...(missing.length === 0 ? [] : mergedFrom.map((gid) => ({ gid, images: 'missing' as const }))),
    ...[...ofOwners].map(([gid, images]) => ({
      gid,
      images: images.length === extra.length ? ('extra' as const) : listIds(images),
    })),
  ];
}

/** Says which indexer events an audit waits for. */
function describePending(
  events: readonly { readonly id: number; readonly action: string; readonly state: string }[],
): string {
  const named = events.slice(0, 3).map(({ id, action, state }) => `${action} event ${id} is ${state}`);
  const more = events.length - named.length;
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
