import { createHash } from 'node:crypto';
import type { Clients } from '../clients/clients.ts';
import { UnreadableError } from '../clients/errors.ts';
import { readJudgedDocuments, rememberJudgedDocument } from '../database/audits/past-audits.ts';
import { readExpectedState } from '../database/musicbrainz/expected-state.ts';
import { checkIndex } from '../domain/checks/check-index.ts';
import { checkDerived, checkDerivedFrom } from '../domain/checks/derived-check.ts';
import type { Difference } from '../domain/checks/finding.ts';
import { checkXml } from '../domain/checks/xml-checks.ts';
import { indexFileName, xmlFileName } from '../domain/documents/file-names.ts';
import { expectedIndexBytes } from '../domain/documents/index-document.ts';
import { doubtOf } from '../domain/documents/xml-shapes.ts';
import type { EntityKey } from '../domain/entity.ts';
import { program } from '../version.ts';
import type {
  ArchiveSteps,
  WebServiceSteps,
  ComparedDocument,
  DerivedMetadata,
  DocumentInQuestion,
  WebServiceStep,
} from '../audit/steps.ts';
import type { Dependencies } from './dependencies.ts';

/**
 * An index of 1,000 images is 0.7 MB (domain page scale.md). What the readers of the domain find too large is judged so,
 * whole; what exceeds this stays unknown.
 */
const maxDocumentBytes = 64 * 1024 * 1024;

/** A document that differs in more than this is downloaded again: remembering it would fill the database. */
const mostRemembered = 5_000;

/** Downloads of documents that are not what was expected, and what exactly differs in them. */
export function createDocumentComparisons({
  db,
  clients,
  findings,
}: Dependencies): Pick<ArchiveSteps, 'explainIndex' | 'explainXml'> {
  return {
    async explainIndex(key, entityId, document) {
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

    // The web service is asked again, because bodies do not pass between steps.
    async explainXml(key, entityId, document, derived) {
      const session = clients();
      const answer = await session.musicbrainz.lookUp(key);
      if (answer.kind === 'not_found' || answer.gid !== key.gid) {
        throw new UnreadableError(`the web service gave ${key.entityType} ${key.gid} a moment ago, and now does not`);
      }
      const fileName = xmlFileName(key.gid);
      const time = { mtime: document.mtime, now: session.now() };
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

/** What is asked of MusicBrainz' web service alone. */
export function createWebServiceQuestions(dependencies: Dependencies): WebServiceSteps {
  const { clients } = dependencies;
  return {
    async askWebService(key, xml) {
      return compareWebService(dependencies, clients(), key, xml);
    },
  };
}

/** The same by the clients of another step, for which it is asked along. */
export async function compareWebService(
  { findings }: Pick<Dependencies, 'findings'>,
  session: Clients,
  key: EntityKey,
  item: { readonly md5: string | null; readonly derived: DerivedMetadata | null },
): Promise<WebServiceStep> {
  const answer = await session.musicbrainz.lookUp(key);
  const nothing: ComparedDocument = { findings: [], requests: session.counts() };
  if (answer.kind === 'not_found') return { ...nothing, answer: 'not_found', xmlAsExpected: false };
  if (answer.gid !== key.gid) return { ...nothing, answer: 'another_entity', xmlAsExpected: false };
  const xmlAsExpected = item.md5 === createHash('md5').update(answer.xml).digest('hex');
  const found =
    xmlAsExpected && item.derived !== null ? findings(checkDerivedFrom(key, item.derived, answer.values)) : [];
  return { ...nothing, answer: 'this_entity', xmlAsExpected, findings: found };
}
