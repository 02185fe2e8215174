import type { DeploymentIdentity } from '../domain/deployment.ts';
import type { Finding } from '../domain/checks/finding.ts';
import type { Outcome } from '../domain/decision/decision.ts';
import type { CopyAnswer, CopyQuestion, ItemToInspect, ListedImages } from '../domain/decision/image-lists.ts';
import type { EntityKey, EntityType, Identity, ProjectName } from '../domain/entity.ts';
import type { RequestCounts } from '../domain/queue/request-count.ts';

/*
 * The steps of an audit, and what passes between them, which is what an operator reads in the Temporal UI: short, and
 * never a document. Lists name only what is in question, which is little where the entity is in order.
 */

/** What a decision has to know of the entity's earlier audits and of what people said. */
export interface AuditPast {
  /** For each check, how many consecutive repairs were to mend its finding. */
  readonly repairedChecks: Readonly<Record<string, number>>;
  /** Evidence of the findings that a person said shall stay. */
  readonly wontFixEvidence: readonly string[];
}

/** Why an audit ended without a decision. */
export type ReturnCause =
  | 'cool_down'
  | 'discarded'
  | 'item_unreadable'
  | 'keys_refused'
  | 'kind_disputed'
  | 'other_kind'
  | 'pending_events'
  | 'settling'
  | 'stopped'
  | 'unreadable'
  | 'waited_too_long'
  | 'window'
  | 'workflow_gone'
  | 'ws_disagrees';

/** What the decision of an audit needs of its beginning. */
export type AuditBeginning = Pick<Extract<BegunStep, { kind: 'begun' }>, 'entityId' | 'past' | 'startedAt'> &
  Pick<AuditInput, 'evenInReportMode'>;

export interface AuditInput extends EntityKey {
  /** `paced`: the pacer has claimed it. `operator`: claimed when the audit begins. */
  readonly how: 'operator' | 'paced';
  /** Whose audit it is: a worker of another database leaves it alone. Older versions didn't say it. */
  readonly served?: DeploymentIdentity;
  /** An operator has its repairs queued whatever the mode. */
  readonly evenInReportMode?: true;
}

/** How the steps of one audit are retried and how long it may wait; read from the configuration when it begins. */
export interface AuditPace {
  readonly retries: number;
  readonly firstRetrySeconds: number;
  readonly longestWaitSeconds: number;
  /** The search attributes that its end sets: those that the namespace knows. */
  readonly searchAttributes: readonly string[];
}

export type BegunStep =
  | {
      readonly kind: 'begun';
      readonly entityId: number;
      readonly past: AuditPast;
      readonly pace: AuditPace;
      /** When the audit began, as an ISO date. */
      readonly startedAt: string;
    }
  | { readonly kind: 'refused'; readonly reason: string };

/** Where an item's files are, for downloading one without asking for the metadata again. */
interface ItemPlace {
  readonly nodes: readonly string[];
  readonly dir: string | null;
}

/** The item metadata that the archive makes of an XML: each field with all its values. */
export type DerivedMetadata = Readonly<Record<string, readonly string[]>>;

/** Indexer events that name the gid are queued or running: whatever the archive shows now is about to change. */
export interface PendingEvents {
  readonly kind: 'pending_events';
  readonly reason: string;
}

/** The MBID is not what it is listed as, and so is not judged as an orphan of that kind. */
export interface OtherKind {
  readonly kind: 'other_kind';
  /** What it is; null where MusicBrainz' tables and the item's collection say different things. */
  readonly entityType: EntityType | null;
  readonly reason: string;
}

export interface ObservedAudit {
  readonly kind: 'observed';
  readonly identity: Identity;
  /** What MusicBrainz says of it, as far as a person wants to know at a glance. */
  readonly expected: { readonly images: number; readonly presence: string | null };
  readonly item: 'dark' | 'missing' | 'present';
  readonly files: number;
  /** Seconds until the item counts as settled; 0 where it does. */
  readonly settlesInSeconds: number;
  /** Seconds to wait where the archive has tasks outstanding for it. */
  readonly settleSeconds: number;
  readonly findings: readonly Finding[];
  /** Null where no index.json is there to compare. */
  readonly index: { readonly md5: string | null; readonly asExpected: boolean } | null;
  /** Null where no XML is there to compare. */
  readonly xml: { readonly md5: string | null; readonly mtime: number | null } | null;
  /** What the archive derived from the XML, to be compared once the XML is known; null where that isn't judged, or was. */
  readonly derived: DerivedMetadata | null;
  /** Null where there is nothing to download. */
  readonly place: ItemPlace | null;
  /** What the web service answered, where its turn came at once; else it is asked by a step of its own. */
  readonly webService: WebServiceStep | 'not_needed' | 'to_be_asked';
  readonly images: ListedImages;
  readonly lookAt: readonly ItemToInspect[];
  /** Of all that the decision rests on, read before it was used. */
  readonly fingerprint: string;
  readonly requests: RequestCounts;
  /** What came of the audit, where nothing was left to ask and it was decided at once. Older versions don't send it. */
  readonly decided?: AuditResult;
}

/** A document of the item, to be downloaded and compared. */
export interface DocumentInQuestion {
  readonly md5: string | null;
  readonly place: ItemPlace;
}

interface IndexInQuestion extends DocumentInQuestion {
  /** Images that are not the entity's, and of which the item holds the originals. */
  readonly heldExtraIds: readonly number[];
}

interface XmlInQuestion extends DocumentInQuestion {
  /** When it was written, in seconds since 1970; null where the archive doesn't say. */
  readonly mtime: number | null;
}

/** What a comparison of one document found. */
export interface ComparedDocument {
  readonly findings: readonly Finding[];
  readonly requests: RequestCounts;
}

/** What the web service says of the gid, and of the item's XML as far as its md5 shows. */
export interface WebServiceStep extends ComparedDocument {
  readonly answer: 'another_entity' | 'not_found' | 'this_entity';
  readonly xmlAsExpected: boolean;
}

export interface SeenCopies extends CopyAnswer {
  readonly requests: RequestCounts;
}

/** All that was gathered about an entity, to be decided upon. */
export interface Evidence {
  readonly observed: Pick<ObservedAudit, 'fingerprint' | 'identity' | 'images' | 'item'>;
  readonly findings: readonly Finding[];
  readonly webService: WebServiceStep['answer'] | 'not_asked';
  /** What other items were asked, and what was seen there. */
  readonly copies: readonly { readonly question: CopyQuestion; readonly seen: CopyAnswer }[];
  /** Tasks that the archive has still to apply; null where it can't be asked. */
  readonly tasks: number | 'not_asked' | null;
  readonly requests: RequestCounts;
}

/** What came of an audit; shown as the workflow's result. */
export interface AuditResult {
  readonly outcome: Outcome | 'given_back' | 'not_ours' | 'refused';
  readonly reason: string | null;
  readonly findings?: readonly Pick<Finding, 'check' | 'count' | 'policy'>[];
  readonly repairs?: readonly string[];
  readonly reviewReasons?: readonly string[];
}

export type Judgement<Result = AuditResult> =
  /** Before this decision the archive's tasks have to be asked for. */
  | { readonly kind: 'ask_tasks' }
  | { readonly kind: 'decided'; readonly result: Result }
  /** What the decision rests on has changed: nothing was written, the audit starts over. */
  | { readonly kind: 'stale' };

export interface AuditRelease {
  readonly cause: ReturnCause;
  readonly reason: string;
  /** Seconds until it is due, where that is known better than by the cause's rule. */
  readonly waitSeconds?: number;
  /** What the entity is, where it was listed as the other kind. */
  readonly entityType?: EntityType;
  /** Whose keys are refused, where that is the cause. */
  readonly project?: ProjectName;
}

/** What an audit asks of archive.org. Documents are compared where they are downloaded; only findings leave. */
export interface ArchiveSteps {
  /**
   * One metadata request, and what follows from it: findings, the documents that are not known to be as expected, images
   * in question, and where copies of these may be. The web service is asked along, where it has a turn to give.
   *
   * @param begun of an audit that may be decided at once, where that is all there is to ask
   */
  observeItem(key: EntityKey, begun?: AuditBeginning): Promise<ObservedAudit | OtherKind | PendingEvents>;
  /** @param entityId whose judgements are remembered; null where the entity is not known to us. */
  explainIndex(key: EntityKey, entityId: number | null, index: IndexInQuestion): Promise<ComparedDocument>;
  /**
   * @param derived what the archive made of the item's XML. Whether that counts while the XML itself is to change, the
   * decision says.
   */
  explainXml(
    key: EntityKey,
    entityId: number | null,
    xml: XmlInQuestion,
    derived: DerivedMetadata | null,
  ): Promise<ComparedDocument>;
  /** Which of some images another item holds the originals of. */
  lookAtCopies(question: CopyQuestion): Promise<SeenCopies>;
  /** How many tasks the archive has still to apply to the item; null where no key is configured to ask with. */
  askTasks(key: EntityKey): Promise<{ readonly tasks: number | null; readonly requests: RequestCounts }>;
}

/** What an audit asks of MusicBrainz' web service. */
export interface WebServiceSteps {
  /**
   * Who the gid is for the web service, and whether the item's XML is, byte for byte, what it gives.
   *
   * @param xml.md5 of the item's XML; null where there is none to compare.
   * @param xml.derived what the archive made of it; compared where the XML is as expected.
   */
  askWebService(
    key: EntityKey,
    xml: { readonly md5: string | null; readonly derived: DerivedMetadata | null },
  ): Promise<WebServiceStep>;
}

/** Who looks, and who decides: a workflow's proxies, or a process without Temporal. */
export interface AuditPort<Result = AuditResult> {
  readonly archive: ArchiveSteps;
  readonly musicbrainz: WebServiceSteps;
  /** Decides on what was gathered, or says what has to be known first, or that what it rests on has changed. */
  decide(evidence: Evidence): Promise<Judgement<Result>>;
}
