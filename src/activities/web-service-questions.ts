import { createHash } from 'node:crypto';
import { checkDerivedFrom } from '../domain/checks/index.ts';
import type { Clients } from '../clients/clients.ts';
import type { EntityKey } from '../domain/entity.ts';
import type { ComparedDocument, DerivedMetadata, WebServiceStep } from './audit-results.ts';
import type { Dependencies } from './dependencies.ts';

export type WebServiceQuestions = ReturnType<typeof createWebServiceQuestions>;

/** What is asked of MusicBrainz' web service alone. */
export function createWebServiceQuestions(dependencies: Dependencies) {
  const { clients } = dependencies;
  return {
    /**
     * Who the gid is for the web service, and whether the item's XML is, byte for byte, what it gives.
     *
     * @param item.md5 of the item's XML; null where there is none to compare.
     * @param item.derived what the archive made of it; compared where the XML is as expected.
     */
    async askWebService(
      key: EntityKey,
      item: { readonly md5: string | null; readonly derived: DerivedMetadata | null },
    ): Promise<WebServiceStep> {
      return compareWebService(dependencies, clients(), key, item);
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
