import type { ScrapeAnswer } from '../clients/archive-search.ts';
import { CoolDownError, KeyRefusedError, RefusedError, UnreadableError } from '../clients/errors.ts';
import { auditsKeptFor } from '../database/brakes/windows.ts';
import type { Transaction } from '../database/connection.ts';
import { addEntities, countEntitiesToAdd } from '../database/entities/add-entities.ts';
import { makeWrittenDue } from '../database/entities/make-due.ts';
import { advanceScan, beginScan, readScan, type StoredScan } from '../database/ingest/steps.ts';
import { countWithArt } from '../database/musicbrainz/art-tables.ts';
import { readKinds } from '../database/musicbrainz/entity-kinds.ts';
import { noteScannedSince, readRestoredAsOf } from '../database/ingest/adopt.ts';
import { type EntityType, projects } from '../domain/entity.ts';
import { readItemLine } from '../domain/imports/line-reading.ts';
import {
  coverageOf,
  giveUpScan,
  missAnswer,
  noteOtherKind,
  restartScan,
  resumeScan,
  type ScanCoverage,
  type ScanState,
  type ScrapePage,
  takePage,
} from '../domain/imports/scan-state.ts';
import { priorities } from '../domain/priorities.ts';
import type { ScanInput } from '../temporal/messages.ts';
import type { Dependencies } from './dependencies.ts';

export interface ScanStep {
  readonly coverage: ScanCoverage;
  readonly hasEnded: boolean;
  /** Before the next step: after an answer that led no further, or when a cool-down is over. */
  readonly waitSeconds: number;
}

/** Seconds after which it is seen whether a window was ended early. */
const longestLook = 60;

export type Scanner = ReturnType<typeof createScanner>;

/** The scan of the archive's collections. Its place is in PostgreSQL, written with each page. */
export function createScanner({ db, config, clients }: Dependencies) {
  return {
    /** Sets the scan of one collection to where it begins or continues. */
    async beginScanning(entityType: EntityType, { dryRun, fromStart }: ScanInput): Promise<void> {
      const name = { collection: projects[entityType].collection, dryRun };
      const stored = await readScan(db, name);
      // A dry run counts what would be added, and looks no further.
      const since = dryRun ? null : await readRestoredAsOf(db, name.collection);
      await beginScan(db, name, resumeScan(stored?.state ?? null, fromStart, since?.toISOString() ?? null));
    },

    /** Asks for one page, and adds its items. Repeated, it adds and counts nothing twice. */
    async scanPage(entityType: EntityType, { dryRun }: ScanInput): Promise<ScanStep> {
      const project = projects[entityType];
      const name = { collection: project.collection, dryRun };
      const stored = await readScan(db, name);
      if (stored === null) throw new Error(`the scan of ${project.collection} was not begun`);
      if (stored.state.ended !== null) return stepOf(stored.state);
      const kept = await auditsKeptFor(db, entityType);
      if (kept !== null) return { ...stepOf(stored.state), waitSeconds: Math.min(kept.seconds, longestLook) };
      let answer: ScrapeAnswer;
      try {
        answer = await clients().search.scrape(project, stored.state);
      } catch (error) {
        if (error instanceof CoolDownError) return { ...stepOf(stored.state), waitSeconds: error.waitSeconds };
        return advance(name, { ...stored, state: stateAfter(error, stored.state) });
      }
      if (answer.kind === 'error') {
        return advance(name, { ...stored, state: missAnswer(stored.state, 'error_answer', answer.reason) });
      }
      if (answer.kind === 'cursor_refused') {
        return advance(name, { ...stored, state: restartScan(stored.state, answer.reason) });
      }
      const expected = answer.cursor === null ? await countWithArt(db, entityType) : 0;
      const { state, isTaken } = takePage(stored.state, answer, expected);
      const page = isTaken ? answer : { ...answer, identifiers: [] };
      return advance(name, { ...stored, state }, async (tx) => {
        const now = await addPage(tx, { entityType, dryRun, page, state, expected });
        if (now.changedSince !== null && now.ended?.complete) {
          await noteScannedSince(tx, name.collection, new Date(now.changedSince));
        }
        return now;
      });
    },
  };

  async function advance(
    name: { readonly collection: string; readonly dryRun: boolean },
    stored: StoredScan,
    add: (tx: Transaction) => Promise<ScanState> = async () => stored.state,
  ): Promise<ScanStep> {
    const written = await db.transaction(async (tx) => {
      const state = await add(tx);
      if (await advanceScan(tx, name, { ...stored, state })) return state;
      throw new Error(`the scan of ${name.collection} was taken further by somebody else meanwhile`);
    });
    return stepOf(written);
  }

  function stepOf(state: ScanState): ScanStep {
    const waitSeconds = state.fruitless === 0 ? 0 : config().audit.quickRetrySeconds * 2 ** (state.fruitless - 1);
    return { coverage: coverageOf(state), hasEnded: state.ended !== null, waitSeconds };
  }
}

function stateAfter(error: unknown, state: ScanState): ScanState {
  if (error instanceof UnreadableError) return missAnswer(state, 'unreadable', error.message);
  if (error instanceof KeyRefusedError || error instanceof RefusedError) return giveUpScan(state, error.message);
  throw error;
}

interface Page {
  readonly entityType: EntityType;
  readonly dryRun: boolean;
  readonly page: Pick<ScrapePage, 'identifiers' | 'writtenAt'>;
  readonly state: ScanState;
  readonly expected: number;
}

/** Adds a page's items, and makes due what was written since the moment that the scan goes by. */
async function addPage(tx: Transaction, { entityType, dryRun, page, state, expected }: Page): Promise<ScanState> {
  const items = page.identifiers.flatMap((identifier) => {
    const reading = readItemLine(identifier, priorities.usual);
    return reading.kind === 'named' ? [{ gid: reading.gid, writtenAt: page.writtenAt.get(identifier) }] : [];
  });
  // An answer may hold another query's items: what MusicBrainz knows an MBID as goes before what was asked for.
  const kinds = await readKinds(
    tx,
    items.map(({ gid }) => gid),
  );
  const known = items.map(({ gid, writtenAt }) => ({ ...kinds.keyOf({ entityType, gid }), writtenAt }));
  const named = known.map((key) => ({ ...key, priority: priorities.usual }));
  const { added } = await (dryRun ? countEntitiesToAdd : addEntities)(tx, named);
  const ofOtherKind = { items: known.filter((key) => key.entityType !== entityType), expected };
  const since = state.changedSince === null ? null : new Date(state.changedSince);
  const written = known.flatMap(({ writtenAt, ...key }) =>
    since !== null && writtenAt !== undefined && writtenAt >= since ? [{ ...key, writtenAt }] : [],
  );
  const madeDue = await makeWrittenDue(tx, written);
  const seen = { ...noteOtherKind(state, entityType, ofOtherKind), madeDue: state.madeDue + madeDue };
  // In a dry run, a page that will be asked for again would count twice.
  return state.pending > 0 && dryRun ? seen : { ...seen, added: seen.added + added };
}
