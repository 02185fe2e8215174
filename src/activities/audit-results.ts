import type { RequestCounts } from '../domain/queue/request-count.ts';
import type { Outcome } from '../domain/decision/decision.ts';
import type { EntityKey, EntityType, Identity } from '../domain/entity.ts';
import type { Finding } from '../domain/checks/finding.ts';
import type { CopyAnswer, CopyQuestion, ItemToLookAt, ListedImages } from '../domain/decision/image-lists.ts';
import type { AuditPast } from '../database/audit-queries/index.ts';
import type { ReturnCause } from '../database/entity-states/index.ts';

/*
 * What passes between the steps of an audit, and so what an operator reads in the Temporal UI: short, and never a
 * document. Lists name only what is in question, which is little where the entity is in order.
 */

export interface AuditInput extends EntityKey {
  /** `paced`: the pacer has claimed it. `operator`: claimed when the audit begins. */
  readonly how: 'operator' | 'paced';
}

/** How the steps of one audit are retried and how long it may wait; read from the configuration when it begins. */
export interface AuditPace {
  readonly retries: number;
  readonly firstRetrySeconds: number;
  readonly longestWaitSeconds: number;
  /** The search attributes that the namespace knows. */
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
export interface ItemPlace {
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
  /** What the archive derived from the XML, to be compared once the XML is known; null where that isn't judged. */
  readonly derived: DerivedMetadata | null;
  readonly place: ItemPlace | null;
  /** What the web service answered, where its turn came at once; else it is asked by a step of its own. */
  readonly webService: WebServiceStep | 'not_needed' | 'to_be_asked';
  readonly images: ListedImages;
  readonly lookAt: readonly ItemToLookAt[];
  /** Of all that the decision rests on, read before it was used. */
  readonly fingerprint: string;
  readonly requests: RequestCounts;
}

/** A document of the item, to be downloaded and compared. */
export interface DocumentInQuestion {
  readonly md5: string | null;
  readonly place: ItemPlace;
}

/** What a comparison of one document found. */
export interface ComparedDocument {
  readonly findings: readonly Finding[];
  readonly requests: RequestCounts;
}

/** What the web service says of the gid, and of the item's XML as far as its md5 tells. */
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

export type Judgement =
  /** Before this decision the archive's tasks have to be asked for. */
  | { readonly kind: 'ask_tasks' }
  | { readonly kind: 'decided'; readonly result: AuditResult }
  /** What the decision rests on has changed: nothing was written, the audit starts over. */
  | { readonly kind: 'stale' };

export interface GiveBackAudit {
  readonly cause: ReturnCause;
  readonly reason: string;
  /** Seconds until it is due, where that is known better than by the cause's rule. */
  readonly waitSeconds?: number;
  /** What the entity is, where it was listed as the other kind. */
  readonly entityType?: EntityType;
  /** Whose keys are refused, where that is the cause. */
  readonly project?: 'caa' | 'eaa';
}
