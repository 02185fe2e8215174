import { createHash } from 'node:crypto';
import type { Clients } from '../clients/clients.ts';
import { UnreadableError } from '../clients/errors.ts';
import { readJudgedDocuments, rememberJudgedDocument } from '../database/audit-queries/index.ts';
import { readExpectedState } from '../database/musicbrainz/expected-state.ts';
import { checkDerived, checkIndex, checkXml, doubtOf } from '../domain/checks/index.ts';
import type { EntityKey } from '../domain/entity.ts';
import { indexFileName, xmlFileName } from '../domain/documents/file-names.ts';
import type { Difference } from '../domain/checks/finding.ts';
import { expectedIndexBytes } from '../domain/documents/index-document.ts';
import { program } from '../version.ts';
import type { ComparedDocument, DerivedMetadata, DocumentInQuestion } from './audit-results.ts';
import type { Dependencies } from './dependencies.ts';

/**
 * An index of 1,000 images is 0.7 MB (domain page scale.md). What the readers of the domain find too large is judged so,
 * whole; what exceeds this can't be told.
 */
const maxDocumentBytes = 64 * 1024 * 1024;

/** A document that differs in more than this is downloaded again: remembering it would fill the database. */
const mostRemembered = 5_000;

/** Downloads of documents that are not what was expected, and what exactly differs in them. */
export function createDocumentComparisons({ db, clients, findings }: Dependencies) {
  return {
    /**
     * @param entityId whose judgements are remembered; null where the entity is not known to us.
     * @param document.heldExtraIds images that are not the entity's, and of which the item holds the originals.
     */
    async explainIndex(
      key: EntityKey,
      entityId: number | null,
      document: DocumentInQuestion & { readonly heldExtraIds: readonly number[] },
    ): Promise<ComparedDocument> {
      const session = clients();
      const expected = await readExpectedState(db, key);
      const differences = await judgedOnce(
        entityId,
        indexFileName,
        document.md5,
        [expectedIndexBytes(expected), Buffer.from(JSON.stringify(document.heldExtraIds))],
        async () => checkIndex(expected, await download(session, key, indexFileName, document), document.heldExtraIds),
      );
      return { findings: findings(differences), requests: session.counts() };
    },

    /**
     * Asks the web service again, because bodies do not pass between steps, and compares the item's XML with its answer.
     *
     * @param document.mtime when the item's XML was written, in seconds since 1970; null where the archive doesn't say.
     * @param derived what the archive made of the item's XML. Whether that counts while the XML itself is to change, the
     * decision says.
     */
    async explainXml(
      key: EntityKey,
      entityId: number | null,
      document: DocumentInQuestion & { readonly mtime: number | null },
      derived: DerivedMetadata | null,
    ): Promise<ComparedDocument> {
      const session = clients();
      const answer = await session.musicbrainz.lookUp(key);
      if (answer.kind === 'not_found' || answer.gid !== key.gid) {
        throw new UnreadableError(`the web service gave ${key.entityType} ${key.gid} a moment ago, and now does not`);
      }
      const fileName = xmlFileName(key.gid);
      const time = { mtime: document.mtime, now: Date.now() / 1000 };
      const basis = [answer.xml, Buffer.from(JSON.stringify([derived, document.mtime, doubtOf(time)]))];
      const differences = await judgedOnce(entityId, fileName, document.md5, basis, async () => {
        const found = await download(session, key, fileName, document);
        return [
          ...checkXml(key, answer.xml, found, time),
          ...(derived === null ? [] : checkDerived(key, derived, found)),
        ];
      });
      return { findings: findings(differences), requests: session.counts() };
    },
  };

  /** What was judged before under the same expectation and md5 is not downloaded again. */
  async function judgedOnce(
    entityId: number | null,
    fileName: string,
    md5: string | null,
    basis: readonly Uint8Array[],
    judge: () => Promise<readonly Difference[]>,
  ): Promise<readonly Difference[]> {
    if (entityId === null || md5 === null) return judge();
    const expectation = hashOf(basis);
    const known = (await readJudgedDocuments(db, entityId)).find(
      (judged) => judged.fileName === fileName && judged.md5 === md5 && judged.expectation === expectation,
    );
    if (known !== undefined) return known.differences;
    const differences = await judge();
    if (differences.length <= mostRemembered) {
      await rememberJudgedDocument(db, entityId, { fileName, md5, expectation, differences });
    }
    return differences;
  }
}

function download(
  { reader }: Clients,
  { gid }: EntityKey,
  name: string,
  document: DocumentInQuestion,
): Promise<Buffer> {
  return reader.download(gid, { name, md5: document.md5, maxBytes: maxDocumentBytes }, document.place);
}

/** The program's version is part of it: another one may judge otherwise. */
function hashOf(basis: readonly Uint8Array[]): string {
  const hash = createHash('sha256').update(program);
  for (const bytes of basis) hash.update(`\n${bytes.length}\n`).update(bytes);
  return hash.digest('hex');
}
