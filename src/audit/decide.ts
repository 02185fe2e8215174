import { inParts } from '../domain/checks/finding.ts';
import type { PolicyTable } from '../domain/checks/policies.ts';
import { decide, type Decision, restsOnSettledItem } from '../domain/decision/decision.ts';
import { unlistCopies, unlistImages } from '../domain/decision/image-lists.ts';
import type { ImageOwner } from '../domain/documents/image-content.ts';
import type { EntityKey } from '../domain/entity.ts';
import type { ExpectedState } from '../domain/expected-state.ts';
import type { AuditPast, Evidence } from './steps.ts';

/** Whether nothing has to be known first, and something can be decided at all. */
export function isFinal(decision: Decision, { tasks }: Evidence): boolean {
  return decision.decision !== 'not_now' && (tasks !== 'not_asked' || !restsOnSettledItem(decision));
}

/** The decision on what was gathered, with owners and images as MusicBrainz has them now. */
export function decideOn(
  { expected, owners }: { readonly expected: ExpectedState; readonly owners: ReadonlyMap<number, ImageOwner> },
  evidence: Evidence,
  past: AuditPast,
  policies: PolicyTable,
): Decision {
  const copies = evidence.copies.flatMap(({ question, seen }) => unlistCopies(question, seen));
  return decide({
    expected,
    findings: evidence.findings.map(inParts),
    images: { ...unlistImages(expected.key.gid, evidence.observed.images), owners, copies },
    policies,
    wontFixEvidence: past.wontFixEvidence,
    repairedBefore: past.repairedChecks,
  });
}

/** Who the database says the gid is, and what the web service says, in words where they differ; else null. */
export function disagreement(key: EntityKey, { observed, webService }: Evidence): string | null {
  if (webService === 'not_asked') return null;
  const { identity } = observed;
  if (identity === 'live') {
    return webService === 'this_entity'
      ? null
      : `the web service has no ${key.entityType} of this MBID, the database has`;
  }
  const agrees = webService !== 'this_entity';
  return agrees ? null : `the database says ${identity}, and the web service still gives the ${key.entityType}`;
}
