/*
 * How workflows are started, queried and signalled, for both sides: the workflows and whoever calls them. Names and forms are
 * part of histories and of what another version of a worker or of a command sends: they may gain, and never change.
 */
import type { QueryDefinition, SignalDefinition, UpdateDefinition } from '@temporalio/common';
import type { AuditInput, AuditResult } from '../audit/steps.ts';
import type { DeploymentIdentity } from '../domain/deployment.ts';
import type { EntityType } from '../domain/entity.ts';
import type { ScanCoverage } from '../domain/imports/scan-state.ts';

// `defineQuery`, `defineSignal` and `defineUpdate` do no more, and load all that workflows need.
const query = <Answer>(name: string): QueryDefinition<Answer> => ({ type: 'query', name }) as QueryDefinition<Answer>;
const signal = <Arguments extends unknown[] = []>(name: string): SignalDefinition<Arguments> =>
  ({ type: 'signal', name }) as SignalDefinition<Arguments>;
const update = <Answer, Arguments extends unknown[] = []>(name: string): UpdateDefinition<Answer, Arguments> =>
  ({ type: 'update', name }) as UpdateDefinition<Answer, Arguments>;

/** What became of an event in this run; shown as the workflow's result. */
export interface ProcessedEvent {
  readonly outcome: 'completed' | 'failed' | 'not_claimed' | 'not_ours' | 'queued' | 'superseded';
  readonly reason?: string;
}

/** `musicbrainz`: entities that have art, or had it. `redirects`: MBIDs that were merged or deleted. */
export const backfillSources = ['musicbrainz', 'redirects'] as const;

export type BackfillSource = (typeof backfillSources)[number];

export interface BackfillInput {
  readonly source: BackfillSource;
  /** Of `musicbrainz`: entities of this type alone. */
  readonly entityType?: EntityType;
  /** Counts what would be added, and adds nothing. */
  readonly dryRun: boolean;
}

/** Where a backfill continues: which table of its source, and after which key. */
export interface BackfillCursor {
  readonly table: string;
  readonly after: number | string | null;
}

export interface BackfillProgress {
  readonly seen: number;
  readonly added: number;
  readonly known: number;
  /** How much of the source is done, 0 … 1, roughly; null where that is unknown. */
  readonly share: number | null;
}

/** How far a backfill is, at any moment. */
export const backfillProgress = query<BackfillProgress>('progress');

export interface BackfillState {
  readonly cursor: BackfillCursor | null;
  readonly progress: BackfillProgress;
}

/** `img-129`: files of the audit of 2021. `items`: lists of identifiers, and dumps of metadata answers. */
export const importKinds = ['img-129', 'items'] as const;

export type ImportKind = (typeof importKinds)[number];

/** Entities of a batch that have one priority. */
export interface ListedEntities {
  /** Null where the list doesn't tell. What MusicBrainz knows them as goes before it. */
  readonly entityType: EntityType | null;
  readonly priority: number;
  /** Named by an earlier batch of the same import, with a lower priority: raised, and not counted again. */
  readonly isAgain: boolean;
  readonly gids: readonly string[];
}

export interface ImportInput {
  readonly kind: ImportKind;
  /** The names of its files, for operators. */
  readonly name: string;
  /** Counts what would be added, and adds nothing. */
  readonly dryRun: boolean;
}

/** How far an import is. */
export interface ImportProgress {
  /** Records (lines, or files of a folder) that are done: where it continues. */
  readonly records: number;
  /** Of what was named up to there. */
  readonly digest: string | null;
  readonly added: number;
  readonly raised: number;
  readonly known: number;
  /** Records that were left out so far. */
  readonly unreadable: number;
  readonly refused: number;
  /** 0 … 1; null where it is unknown. */
  readonly share: number | null;
  readonly state: 'complete' | 'ended' | 'reading';
}

/** A batch as whoever reads the files hands it over. */
export interface ImportBatch extends Pick<ImportProgress, 'refused' | 'share' | 'unreadable'> {
  readonly from: number;
  readonly upTo: number;
  readonly digest: string;
  readonly entities: readonly ListedEntities[];
}

export const importProgress = query<ImportProgress>('progress');

/** Takes a batch, and answers how far the import is then. A batch that was taken before changes nothing. */
export const feedBatch = update<ImportProgress, [ImportBatch]>('feed');

/** There is no more. */
export const finishImport = update<ImportProgress>('finish');

export interface ScanInput {
  /** Counts what would be added, and adds nothing. */
  readonly dryRun: boolean;
  /** Forgets how far an earlier scan came. */
  readonly fromStart: boolean;
}

/** What was covered of each kind of entity's collection, as far as it was begun. */
export type ScanProgress = Readonly<Partial<Record<EntityType, ScanCoverage>>>;

export const scanProgress = query<ScanProgress>('progress');

/** Where a scan continues as new: at which collection, begun already. */
export interface ScanPlace {
  readonly entityType: EntityType;
  readonly progress: ScanProgress;
}

/** A bulk action: a row of `artwork_reconciler.bulk_action` with its rows. */
export interface BulkActionInput {
  readonly id: string;
  /** Whose row it is: a worker of another database refuses to. */
  readonly served: DeploymentIdentity;
}

/** How far a bulk action is, of its rows. */
export interface BulkProgress {
  /** As in its row: `planning`, `running`, `done`, …; null before the first batch, and where it is no more. */
  readonly state: string | null;
  /** All rows: as far as they are found while it is `choosing`. */
  readonly rows: number;
  /** What the dry run says of rows, or, once it is confirmed, what became of them. */
  readonly done: number;
  readonly skipped: number;
  readonly refused: number;
}

export const bulkProgress = query<BulkProgress>('progress');

/** Stops a bulk action after its batch in progress: what is done stays done. Recorded as done by the actor. */
export const stopBulkAction = signal<[{ readonly actor?: string }?]>('stop');

/** Every workflow that is started from outside, by its type's name. */
export interface Workflows {
  auditEntity(input: AuditInput): Promise<AuditResult>;
  backfill(input: BackfillInput, from?: BackfillState): Promise<BackfillProgress>;
  bulkAction(input: BulkActionInput, from?: BulkProgress): Promise<BulkProgress>;
  dispatchEvents(served?: DeploymentIdentity | null): Promise<void>;
  importEntities(input: ImportInput, from?: ImportProgress): Promise<ImportProgress>;
  processEvent(eventId: number, served?: DeploymentIdentity): Promise<ProcessedEvent>;
  scanArchive(input: ScanInput, from?: ScanPlace | null): Promise<ScanProgress>;
}
