import type { Evidence, ObservedAudit, OtherKind, PendingEvents, WebServiceStep } from '../activities/audit-results.ts';
import type { EntityKey } from '../domain/entity.ts';
import { idsOf, questionAbout, unlistIds } from '../domain/decision/image-lists.ts';
import { addCounts } from '../domain/queue/request-count.ts';
import type { AuditProxies } from './audit-proxies.ts';

export type Gathered =
  | OtherKind
  | PendingEvents
  | { readonly kind: 'gathered'; readonly evidence: Evidence; readonly settleSeconds: number }
  | { readonly kind: 'wait'; readonly seconds: number; readonly reason: string };

/**
 * Looks at everything that a decision about the entity rests on: one metadata request, the web service, and downloads of
 * what differs. A clean entity costs no more than the first two.
 */
export async function gatherEvidence(
  proxies: AuditProxies,
  key: EntityKey,
  entityId: number | null,
): Promise<Gathered> {
  const observed = await proxies.archive.observeItem(key);
  if (observed.kind !== 'observed') return observed;
  if (observed.settlesInSeconds > 0) {
    return { kind: 'wait', seconds: observed.settlesInSeconds, reason: 'the item changed a moment ago' };
  }
  const webService = await webServiceSays(proxies, key, observed);
  const [index, xml, ...copies] = await Promise.all([
    explainIndex(proxies, key, entityId, observed),
    explainXml(proxies, key, entityId, observed, webService),
    ...lookAtCopies(proxies, observed),
  ]);
  const parts = [observed, webService, index, xml].filter((part) => part !== null);
  const { fingerprint, identity, images, item } = observed;
  return {
    kind: 'gathered',
    settleSeconds: observed.settleSeconds,
    evidence: {
      observed: { fingerprint, identity, images, item },
      findings: parts.flatMap((part) => part.findings),
      webService: webService?.answer ?? 'not_asked',
      copies: copies.map(({ question, seen: { item: kind, held } }) => ({ question, seen: { item: kind, held } })),
      tasks: 'not_asked',
      requests: addCounts(...[...parts, ...copies.map(({ seen }) => seen)].map((part) => part.requests)),
    },
  };
}

async function webServiceSays(
  { musicbrainz }: AuditProxies,
  key: EntityKey,
  { webService, xml, derived }: ObservedAudit,
): Promise<WebServiceStep | null> {
  if (webService === 'not_needed') return null;
  return webService === 'to_be_asked' ? musicbrainz.askWebService(key, { md5: xml?.md5 ?? null, derived }) : webService;
}

function explainIndex({ archive }: AuditProxies, key: EntityKey, entityId: number | null, observed: ObservedAudit) {
  const { index, place, images } = observed;
  if (index === null || index.asExpected || place === null) return null;
  const heldExtraIds = unlistIds(idsOf(images.extra)).map(({ artworkId }) => artworkId);
  return archive.explainIndex(key, entityId, { md5: index.md5, place, heldExtraIds });
}

function explainXml(
  { archive }: AuditProxies,
  key: EntityKey,
  entityId: number | null,
  { xml, derived, place }: ObservedAudit,
  webService: WebServiceStep | null,
) {
  const differs = webService?.answer === 'this_entity' && !webService.xmlAsExpected;
  if (xml === null || place === null || !differs) return null;
  return archive.explainXml(key, entityId, { md5: xml.md5, mtime: xml.mtime, place }, derived);
}

function lookAtCopies({ archive }: AuditProxies, { lookAt, images }: ObservedAudit) {
  return lookAt.map(async (item) => {
    const question = questionAbout(item, images);
    return { question, seen: await archive.lookAtCopies(question) };
  });
}
