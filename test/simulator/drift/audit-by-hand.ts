import type { Queryable } from '../../../src/database/connection.ts';
import { readExpectedState } from '../../../src/database/musicbrainz/expected-state.ts';
import { findImageOwners } from '../../../src/database/musicbrainz/image-owners.ts';
import { checkIndex } from '../../../src/domain/checks/check-index.ts';
import { checkItem } from '../../../src/domain/checks/catalogue.ts';
import { checkDerived } from '../../../src/domain/checks/derived-check.ts';
import { groupFindings } from '../../../src/domain/checks/findings.ts';
import { defaultPolicies } from '../../../src/domain/checks/policies.ts';
import { checkXml } from '../../../src/domain/checks/xml-checks.ts';
import { decide, type Decision, type Repair } from '../../../src/domain/decision/decision.ts';
import { indexFileName, itemName, originalFileName, xmlFileName } from '../../../src/domain/documents/file-names.ts';
import { type ImageCopy, type ImageEvidence, unknownContent } from '../../../src/domain/documents/image-content.ts';
import { expectedIndexBytes } from '../../../src/domain/documents/index-document.ts';
import { findOriginal, imagesInQuestion } from '../../../src/domain/documents/item-files.ts';
import { type EntityKey, projects } from '../../../src/domain/entity.ts';
import type { ExpectedState } from '../../../src/domain/expected-state.ts';
import type { ObservedItem } from '../../../src/domain/documents/observed-item.ts';
import type { ArchiveState } from '../../../src/simulator/archive/archive-state.ts';
import { contentOf } from '../../../src/simulator/content.ts';
import { applyDelete, applyPut } from '../../../src/simulator/archive/writes.ts';
import type { Outcome } from '../../../src/simulator/drift/drift-kind.ts';
import { webServiceXml } from '../../../src/simulator/musicbrainz/web-service.ts';

/**
 * Audits entities in turn and carries out their repairs at once, without queue, requests or waiting, until nothing
 * changes: what the whole product should come to, as far as its core and the simulator decide it.
 */
export async function settle(
  db: Queryable,
  archive: ArchiveState,
  keys: readonly EntityKey[],
): Promise<Map<string, { outcome: Outcome; first: Decision; last: Decision }>> {
  const results = new Map<string, { outcome: Outcome; first: Decision; last: Decision }>();
  const repairedBefore = new Map<string, Record<string, number>>();
  for (let round = 0, changed = true; changed; round += 1) {
    if (round > 5) throw new Error(`not settled after ${round} rounds: ${keys.map(({ gid }) => gid).join(', ')}`);
    changed = false;
    for (const key of keys) {
      const before = repairedBefore.get(key.gid) ?? {};
      const decision = await audit(db, archive, key, before);
      for (const repair of decision.repairs) await carryOut(db, archive, repair);
      const repaired = decision.findings.filter(({ policy }) => /^(index|copy|delete|deindex)/.test(policy));
      repairedBefore.set(key.gid, Object.fromEntries(repaired.map(({ check }) => [check, (before[check] ?? 0) + 1])));
      changed ||= decision.repairs.length > 0;
      const first = results.get(key.gid)?.first ?? decision;
      results.set(key.gid, { outcome: outcomeOf(first, decision), first, last: decision });
    }
  }
  return results;
}

function outcomeOf(first: Decision, last: Decision): Outcome {
  if (last.decision === 'clean') return first.decision === 'clean' ? 'clean' : 'repaired';
  return last.decision as Outcome;
}

async function audit(
  db: Queryable,
  archive: ArchiveState,
  key: EntityKey,
  repairedBefore: Record<string, number>,
): Promise<Decision> {
  const expected = await readExpectedState(db, { entityType: key.entityType, gid: key.gid });
  const item = observe(archive, key.gid);
  const images = imagesInQuestion(expected, item);
  const owners = await findImageOwners(
    db,
    key.entityType,
    images.extra.map(({ artworkId }) => artworkId),
  );
  const asked = [
    ...images.missing.flatMap((image) => expected.mergedFrom.map((gid) => ({ gid, ...image }))),
    ...[...owners].map(([artworkId, { gid, suffix }]) => ({ gid, artworkId, suffix })),
  ];
  const evidence: ImageEvidence = { ...images, owners, copies: asked.map((copy) => look(archive, copy)) };
  const differences = [
    ...checkItem(expected, item),
    ...(await documentDifferences(
      db,
      archive,
      expected,
      images.extra.map(({ artworkId }) => artworkId),
    )),
  ];
  const findings = groupFindings(differences, defaultPolicies);
  return decide({
    expected,
    findings,
    images: evidence,
    policies: defaultPolicies,
    wontFixEvidence: [],
    repairedBefore,
  });
}

async function documentDifferences(
  db: Queryable,
  archive: ArchiveState,
  expected: ExpectedState,
  extraIds: readonly number[],
): Promise<ReturnType<typeof checkItem>> {
  const { key } = expected;
  const view = archive.item(itemName(key.gid));
  if (expected.identity !== 'live' || view === undefined || view.dark) return [];
  const bytesOf = (name: string) => view.files.find((file) => file.name === name)?.content;
  const [index, xml] = [bytesOf(indexFileName), bytesOf(xmlFileName(key.gid))];
  const mtime = view.files.find(({ name }) => name === xmlFileName(key.gid))?.mtime ?? null;
  const current = await webServiceXml(db, key);
  const metadata = Object.fromEntries(Object.entries(view.metadata).map(([name, value]) => [name, [value].flat()]));
  return [
    ...(index === undefined ? [] : checkIndex(expected, index, extraIds)),
    ...(xml === undefined || current.kind !== 'found'
      ? []
      : checkXml(key, current.xml, xml, { mtime, now: Date.now() / 1000 })),
    ...(xml === undefined ? [] : checkDerived(key, metadata, xml)),
  ];
}

function observe(archive: ArchiveState, gid: string): ObservedItem {
  const view = archive.item(itemName(gid));
  if (view === undefined) return { kind: 'missing' };
  if (view.dark) return { kind: 'dark' };
  return {
    kind: 'present',
    files: view.files.map(({ name, source, original, md5, mtime, content }) => ({
      name,
      source,
      original: original ?? null,
      md5,
      sha1: null,
      size: content.length,
      mtime,
    })),
    metadata: Object.fromEntries(Object.entries(view.metadata).map(([name, value]) => [name, [value].flat()])),
    lastUpdated: view.lastUpdated.getTime() / 1000,
    nodes: [],
    dir: null,
  };
}

function look(archive: ArchiveState, image: { gid: string; artworkId: number; suffix: string }): ImageCopy {
  const item = observe(archive, image.gid);
  if (item.kind !== 'present') return { ...image, seen: item.kind, ...unknownContent };
  const original = findOriginal(item, image.gid, image.artworkId, image.suffix);
  return { ...image, seen: original === null ? 'lacking' : 'held', ...(original ?? unknownContent) };
}

async function carryOut(db: Queryable, archive: ArchiveState, repair: Repair): Promise<void> {
  switch (repair.action) {
    case 'index': {
      const key = { entityType: repair.entityType, gid: repair.message.gid };
      const answer = await webServiceXml(db, key);
      if (answer.kind !== 'found') throw new Error(`index of ${key.gid}, which the web service does not have`);
      put(archive, key, indexFileName, expectedIndexBytes(await readExpectedState(db, key)), true);
      return put(archive, key, xmlFileName(key.gid), answer.xml, false);
    }
    case 'copy_image': {
      const { artwork_id, old_gid, new_gid, suffix } = repair.message;
      const from = originalFileName(old_gid, artwork_id, suffix);
      const original = archive.item(itemName(old_gid))?.files.find(({ name }) => name === from);
      if (original === undefined) throw new Error(`there is no ${from} to be copied`);
      const key = { entityType: repair.entityType, gid: new_gid };
      return put(archive, key, originalFileName(new_gid, artwork_id, suffix), original.content, true);
    }
    case 'delete_image': {
      const { artwork_id, gid, suffix } = repair.message;
      return remove(archive, gid, originalFileName(gid, artwork_id, suffix));
    }
    case 'deindex':
      return remove(archive, repair.message.gid, indexFileName);
    case 'noop':
      return;
  }
}

function put(archive: ArchiveState, key: EntityKey, name: string, bytes: Uint8Array, keepOldVersion: boolean): void {
  const { collection } = projects[key.entityType];
  const identifier = itemName(key.gid);
  const made = { collection, mediatype: 'image', noindex: 'true' };
  const item = archive.find(identifier) ?? archive.makeBucket(identifier, made, 'access');
  const order = { name, content: contentOf(bytes), keepOldVersion, metadata: null };
  archive.order(item, { fate: 'applied', derive: true }, (at, ledger) => applyPut(item, order, at, ledger));
  archive.settle();
}

function remove(archive: ArchiveState, gid: string, name: string): void {
  const item = archive.find(itemName(gid));
  if (item === undefined) throw new Error(`there is no item of ${gid} to delete ${name} from`);
  const deletion = { name, keepOldVersion: true, cascade: true };
  archive.order(item, { fate: 'applied', derive: false }, () => applyDelete(item, deletion));
  archive.settle();
}
