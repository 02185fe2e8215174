import { describe, expect, it, test } from 'vitest';
import { catalogue, checkItem } from '../../../src/domain/checks/catalogue.ts';
import { checkIndex } from '../../../src/domain/checks/check-index.ts';
import { checkDerived } from '../../../src/domain/checks/derived-check.ts';
import { defaultPolicies } from '../../../src/domain/checks/policies.ts';
import { checkXml } from '../../../src/domain/checks/xml-checks.ts';
import { resolveImages } from '../../../src/domain/decision/resolve-images.ts';
import { unknownContent } from '../../../src/domain/documents/image-content.ts';
import { expectedIndex } from '../../../src/domain/documents/index-document.ts';
import { imagesInQuestion } from '../../../src/domain/documents/item-files.ts';
import { parseMetadata, UnreadableAnswerError } from '../../../src/domain/documents/metadata.ts';
import type { ExpectedState } from '../../../src/domain/expected-state.ts';
import type { ObservedItem } from '../../../src/domain/documents/observed-item.ts';
import {
  aFile,
  anImage,
  archivesOwnFiles,
  bytes,
  contentNamed,
  gids,
  imageFiles,
  liveRelease,
  matchingItem,
  orphan,
  presentItem,
} from '../examples.ts';
import { derivedOfRelease, releaseXml, writtenOn } from '../xml-examples.ts';

const gid = gids.entity;
const release = liveRelease([anImage(1), anImage(2)]);
const { files, metadata } = matchingItem(release);
const index = JSON.stringify(expectedIndex(release));
/** What one look at the archive finds, by the names of the checks; throws where it cannot be judged. */
type Look = () => readonly { readonly check: string }[];

const cannotTell: Look = () => checkItem(release, parseMetadata({ error: 'temporarily unavailable' }));

const item =
  (changed: ObservedItem, expected: ExpectedState = release): Look =>
  () =>
    checkItem(expected, changed);
const without = (...names: string[]) => presentItem(files.filter(({ name }) => !names.includes(name)));
const ofItem = (found: Look, holds: Look = item(presentItem(files))) => ({ found, holds, unknown: cannotTell });

const indexed =
  (from: string | RegExp, to: string): Look =>
  () => {
    expect(index.replace(from, to)).not.toBe(index);
    return checkIndex(release, bytes(index.replace(from, to)));
  };
/** What can't be read as an index is a finding of its own, and then nothing else is told of it. */
const ofIndex = (found: Look) => ({
  found,
  holds: () => checkIndex(release, bytes(index)),
  unknown: () => checkIndex(release, bytes('<html>')),
});
const images =
  (list: (images: unknown[]) => unknown[]): Look =>
  () =>
    checkIndex(
      release,
      bytes(JSON.stringify({ ...expectedIndex(release), images: list([...expectedIndex(release).images]) })),
    );

const xml =
  (file: string, answer = releaseXml): Look =>
  () =>
    checkXml(release.key, bytes(answer), bytes(file), writtenOn('2015-01-01'));
const ofXml = (found: Look) => ({
  found,
  holds: xml(releaseXml),
  unknown: xml(releaseXml, '<html>Bad gateway</html>'),
});

const withMetadata = (changes: Record<string, string[]>) =>
  item(presentItem(files, { metadata: { ...metadata, ...changes } }));

const inQuestion =
  (held: ObservedItem, expected: ExpectedState, copies: 'held' | 'unreadable'): Look =>
  () => {
    const { missing, extra } = imagesInQuestion(expected, held);
    const at = (artworkId: number, suffix: string, holder: string) => ({
      gid: holder,
      artworkId,
      suffix,
      seen: copies,
      ...(copies === 'held' ? contentNamed('held') : unknownContent),
    });
    const evidence = {
      missing,
      extra,
      owners: new Map(
        extra.map(({ artworkId }) => [artworkId, { gid: gids.owner, suffix: 'jpg', presence: 'present' as const }]),
      ),
      copies: [
        ...missing.map(({ artworkId, suffix }) => at(artworkId, suffix, gids.merged)),
        ...extra.map(({ artworkId, suffix }) => at(artworkId, suffix, gids.owner)),
      ],
    };
    const { differences, notNow } = resolveImages(expected, evidence, defaultPolicies);
    if (notNow !== null) throw new UnreadableAnswerError(notNow);
    return differences;
  };
const merged: ExpectedState = { ...release, mergedFrom: [gids.merged] };
const lacking = presentItem(files.filter(({ name }) => !name.startsWith(`mbid-${gid}-2`)));
const stray = presentItem([...files, ...imageFiles(gid, 9)]);

const xmlFile = aFile(`mbid-${gid}_mb_metadata.xml`);
const oldThumbnail = aFile(`mbid-${gid}-9_thumb1200.jpg`, { source: 'derivative', original: `mbid-${gid}-9.jpg` });
const ofOrphan = (found: ObservedItem) =>
  ofItem(item(found, orphan()), item(presentItem(archivesOwnFiles(gid)), orphan()));

const otherContent = {
  artworkId: 1,
  suffix: 'jpg',
  md5: 'b'.repeat(32),
  since: '2026-11-02',
  first: { md5: 'a'.repeat(32), firstSeen: '2026-09-01', lastSeen: '2026-10-12' },
};

/** Of every check of the catalogue: a look that finds it, one by which it holds, and one that can't tell. */
const looks: Readonly<Record<string, { readonly found: Look; readonly holds: Look; readonly unknown: Look }>> = {
  'item.exists': ofItem(item({ kind: 'missing' })),
  'item.dark': ofItem(item({ kind: 'dark' })),
  'files.image': {
    found: inQuestion(lacking, merged, 'held'),
    holds: inQuestion(presentItem(files), merged, 'held'),
    unknown: inQuestion(lacking, merged, 'unreadable'),
  },
  'files.extra_image': {
    found: inQuestion(stray, release, 'held'),
    holds: inQuestion(presentItem(files), release, 'held'),
    unknown: inQuestion(stray, release, 'unreadable'),
  },
  'files.image_unique': ofItem(item(presentItem([...files, aFile(`mbid-${gid}-1.png`)]))),
  'files.unknown': ofItem(item(presentItem([...files, aFile('cover.jpg')]))),
  'files.image_content': ofItem(() => checkItem(release, presentItem(files), [otherContent])),
  'files.index_json': ofItem(item(without('index.json'))),
  'files.mb_metadata': ofItem(item(without(`mbid-${gid}_mb_metadata.xml`))),
  'files.thumbnail': ofItem(item(without(`mbid-${gid}-1_thumb250.jpg`))),
  'files.stray_thumbnail': ofItem(item(presentItem([...files, oldThumbnail]))),
  'index.well_formed': { ...ofIndex(() => checkIndex(release, bytes('[]'))), unknown: cannotTell },
  'index.entity_url': ofIndex(indexed(/"release":"https:/, '"release":"http:')),
  'index.image_missing': ofIndex(images((all) => all.slice(1))),
  'index.image_duplicate': ofIndex(images((all) => [...all, all[0]])),
  'index.extra_image': ofIndex(images((all) => [...all, { ...(all[0] as object), id: 99 }])),
  'index.image_shape': ofIndex(indexed('"comment":"",', '')),
  'index.value_type': ofIndex(indexed('"id":1,', '"id":"1",')),
  'index.value': ofIndex(indexed('"comment":""', '"comment":"x"')),
  'index.url': ofIndex(indexed(/\/1\.jpg"/, '/3.jpg"')),
  'index.url_scheme': ofIndex(indexed(/"https:(?=\/\/coverartarchive)/, '"http:')),
  'index.order': ofIndex(images((all) => all.reverse())),
  'xml.well_formed': ofXml(xml('<html>')),
  'xml.value': ofXml(xml(releaseXml.replace('>normal<', '>high<'))),
  'xml.stale_shape': ofXml(xml(releaseXml.replace(/(?<=<status) id="[^"]*"/, ''))),
  'meta.collection': ofItem(withMetadata({ collection: ['eventartarchive'] })),
  'meta.mediatype': ofItem(withMetadata({ mediatype: ['texts'] })),
  'meta.noindex': ofItem(withMetadata({ noindex: [] })),
  'meta.derived': {
    found: () => checkDerived(release.key, { ...derivedOfRelease, title: ['Other'] }, bytes(releaseXml)),
    holds: () => checkDerived(release.key, derivedOfRelease, bytes(releaseXml)),
    unknown: () => checkDerived(release.key, { ...derivedOfRelease, title: ['Other'] }, bytes('<html>')),
  },
  'orphan.index_json': ofOrphan(presentItem([...archivesOwnFiles(gid), aFile('index.json')])),
  'orphan.xml': ofOrphan(presentItem([...archivesOwnFiles(gid), xmlFile])),
  'orphan.leftovers': ofOrphan(presentItem([...archivesOwnFiles(gid), oldThumbnail])),
  'orphan.never_indexed': ofOrphan(presentItem(imageFiles(gid, 1))),
};

test('there is no check without looks', () => {
  expect(Object.keys(looks).sort()).toEqual(catalogue.map(({ name }) => name).sort());
});

const names = (look: Look): readonly string[] => look().map(({ check }) => check);

describe.each(Object.keys(looks))('%s', (check) => {
  const { found, holds, unknown } = looks[check]!;

  it('is found where it does not hold', () => {
    expect(names(found)).toContain(check);
  });

  it('is not found where it holds', () => {
    expect(names(holds)).not.toContain(check);
  });

  it('is not found where it cannot be judged', () => {
    let seen: readonly string[] = [];
    try {
      seen = names(unknown);
    } catch (error) {
      if (!(error instanceof UnreadableAnswerError)) throw error;
    }
    expect(seen).not.toContain(check);
  });
});
