import { type CopyQuestion, idsOf, questionAbout, unlistIds } from '../domain/decision/image-lists.ts';
import type { EntityKey } from '../domain/entity.ts';
import { addCounts } from '../domain/queue/request-count.ts';
import type {
  ArchiveSteps,
  AuditPort,
  AuditResult,
  ComparedDocument,
  Evidence,
  AuditRelease,
  ObservedAudit,
  OtherKind,
  PendingEvents,
  SeenCopies,
  WebServiceStep,
  WebServiceSteps,
} from './steps.ts';

/** What came of one round of reading everything. */
export type Round<Result = AuditResult> =
  | { readonly kind: 'ended'; readonly result: Result }
  /** It can't be judged now, and this audit is not to wait for it. */
  | { readonly kind: 'give_back'; readonly back: AuditRelease }
  /** What the decision rests on has changed: the audit starts over. */
  | { readonly kind: 'stale' }
  | Wait;

interface Wait {
  readonly kind: 'wait';
  readonly seconds: number;
  readonly reason: string;
  /** In short. */
  readonly waitsFor: string;
}

/**
 * One round: everything is read, and decided on, where that can be. The order of the steps, for the workflow and for a
 * shell alike.
 *
 * @param entityId whose judgements of documents are remembered; null where the entity is not known to us.
 */
export async function judgeEntity<Result>(
  port: AuditPort<Result>,
  key: EntityKey,
  entityId: number | null,
): Promise<Round<Result>> {
  const gathered = await gatherEvidence(port, key, entityId);
  if (gathered.kind === 'wait') return gathered;
  if (gathered.kind === 'pending_events') {
    return { kind: 'give_back', back: { cause: 'pending_events', reason: gathered.reason } };
  }
  if (gathered.kind === 'other_kind') {
    const { entityType, reason } = gathered;
    const back =
      entityType === null ? { cause: 'kind_disputed' as const } : { cause: 'other_kind' as const, entityType };
    return { kind: 'give_back', back: { ...back, reason } };
  }
  return decideOnceSettled(port, key, gathered);
}

/** A decision other than clean is made only when the archive has nothing left to apply to the item. */
async function decideOnceSettled<Result>(
  port: AuditPort<Result>,
  key: EntityKey,
  { evidence, settleSeconds }: Extract<Gathered, { kind: 'gathered' }>,
): Promise<Round<Result>> {
  const judgement = await port.decide(evidence);
  if (judgement.kind === 'decided') return { kind: 'ended', result: judgement.result };
  if (judgement.kind === 'stale') return judgement;
  const { tasks, requests } = await port.archive.askTasks(key);
  if (tasks !== null && tasks > 0) {
    const reason = `the archive has ${tasks} tasks outstanding for the item`;
    return {
      kind: 'wait',
      seconds: settleSeconds,
      reason,
      waitsFor: `${tasks} archive ${tasks === 1 ? 'task' : 'tasks'}`,
    };
  }
  const final = await port.decide({ ...evidence, tasks, requests: addCounts(evidence.requests, requests) });
  return final.kind === 'decided' ? { kind: 'ended', result: final.result } : { kind: 'stale' };
}

type Gathered =
  | OtherKind
  | PendingEvents
  | { readonly kind: 'gathered'; readonly evidence: Evidence; readonly settleSeconds: number }
  | Wait;

/**
 * Reads everything that a decision about the entity rests on: one metadata request, the web service, and downloads of
 * what differs. A clean entity costs no more than the first two.
 */
export async function gatherEvidence(
  { archive, musicbrainz }: Pick<AuditPort, 'archive' | 'musicbrainz'>,
  key: EntityKey,
  entityId: number | null,
): Promise<Gathered> {
  const observed = await archive.observeItem(key);
  if (observed.kind !== 'observed') return observed;
  if (observed.settlesInSeconds > 0) {
    const reason = 'the item changed a moment ago';
    return { kind: 'wait', seconds: observed.settlesInSeconds, reason, waitsFor: 'the item to settle' };
  }
  const webService = await webServiceSays(musicbrainz, key, observed);
  const [index, xml, ...copies] = await Promise.all([
    explainIndex(archive, key, entityId, observed),
    explainXml(archive, key, entityId, observed, webService),
    ...lookAtCopies(archive, observed),
  ]);
  return {
    kind: 'gathered',
    settleSeconds: observed.settleSeconds,
    evidence: evidenceOf(observed, webService, [index, xml], copies),
  };
}

/**
 * All of the evidence, where an item alone gives it: nothing is left to ask or to download, and nothing was found that is
 * more than a report, so that the archive's tasks needn't be asked for either. Almost every item is so. Null else.
 */
export function evidenceAtOnce(observed: ObservedAudit): Evidence | null {
  const { settlesInSeconds, webService, place, lookAt } = observed;
  if (settlesInSeconds > 0 || webService === 'to_be_asked' || place !== null || lookAt.length > 0) return null;
  const evidence = evidenceOf(observed, webService === 'not_needed' ? null : webService, [], []);
  return evidence.findings.every(({ policy }) => policy === 'report') ? evidence : null;
}

function evidenceOf(
  observed: ObservedAudit,
  webService: WebServiceStep | null,
  compared: readonly (ComparedDocument | null)[],
  copies: readonly { readonly question: CopyQuestion; readonly seen: SeenCopies }[],
): Evidence {
  const parts = [observed, webService, ...compared].filter((part) => part !== null);
  const { fingerprint, identity, images, item } = observed;
  return {
    observed: { fingerprint, identity, images, item },
    findings: parts.flatMap((part) => part.findings),
    webService: webService?.answer ?? 'not_asked',
    copies: copies.map(({ question, seen: { item: kind, held } }) => ({ question, seen: { item: kind, held } })),
    tasks: 'not_asked',
    requests: addCounts(...[...parts, ...copies.map(({ seen }) => seen)].map((part) => part.requests)),
  };
}

async function webServiceSays(
  musicbrainz: WebServiceSteps,
  key: EntityKey,
  { webService, xml, derived }: ObservedAudit,
): Promise<WebServiceStep | null> {
  if (webService === 'not_needed') return null;
  return webService === 'to_be_asked' ? musicbrainz.askWebService(key, { md5: xml?.md5 ?? null, derived }) : webService;
}

function explainIndex(archive: ArchiveSteps, key: EntityKey, entityId: number | null, observed: ObservedAudit) {
  const { index, place, images } = observed;
  if (index === null || index.asExpected || place === null) return null;
  const heldExtraIds = unlistIds(idsOf(images.extra)).map(({ artworkId }) => artworkId);
  return archive.explainIndex(key, entityId, { md5: index.md5, place, heldExtraIds });
}

function explainXml(
  archive: ArchiveSteps,
  key: EntityKey,
  entityId: number | null,
  { xml, derived, place }: ObservedAudit,
  webService: WebServiceStep | null,
) {
  const differs = webService?.answer === 'this_entity' && !webService.xmlAsExpected;
  if (xml === null || place === null || !differs) return null;
  return archive.explainXml(key, entityId, { md5: xml.md5, mtime: xml.mtime, place }, derived);
}

function lookAtCopies(archive: ArchiveSteps, { lookAt, images }: ObservedAudit) {
  return lookAt.map(async (item) => {
    const question = questionAbout(item, images);
    return { question, seen: await archive.lookAtCopies(question) };
  });
}
