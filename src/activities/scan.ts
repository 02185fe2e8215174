import { CoolDownError, KeyRefusedError, RefusedError, UnreadableError } from '../clients/errors.ts';
import type { ScrapeAnswer } from '../clients/archive-search.ts';
import { advanceScan, beginScan, readScan, type StoredScan } from '../database/archive-scan.ts';
import type { Transaction } from '../database/connection.ts';
import { addEntities, countEntitiesToAdd } from '../database/entity-states/index.ts';
import { readKinds } from '../database/musicbrainz/entity-kinds.ts';
import { countWithArt } from '../database/musicbrainz/count-with-art.ts';
import type { EntityType } from '../domain/entity.ts';
import { readItemLine } from '../domain/item-list.ts';
import { priorities } from '../domain/priorities.ts';
import { projects } from '../domain/project.ts';
import {
  coverageOf,
  giveUpScan,
  missAnswer,
  noteOtherKind,
  restartScan,
  resumeScan,
  type ScanCoverage,
  type ScanState,
  takePage,
} from '../domain/imports/scan-state.ts';
import type { Dependencies } from './dependencies.ts';

export interface ScanInput {
  /** Counts what would be added, and adds nothing. */
  readonly dryRun: boolean;
  /** Forgets how far an earlier scan came. */
  readonly fromStart: boolean;
}

export interface ScanStep {
  readonly coverage: ScanCoverage;
  readonly hasEnded: boolean;
  /** Before the next step: after an answer that led no further, or when a cool-down is over. */
  readonly waitSeconds: number;
}

export type Scanner = ReturnType<typeof createScanner>;

/** The scan of the archive's collections. Its place is in PostgreSQL, written with each page. */
export function createScanner({ db, config, clients }: Dependencies) {
  return {
    /** Sets the scan of one collection to where it begins or goes on. */
    async beginScanning(entityType: EntityType, { dryRun, fromStart }: ScanInput): Promise<void> {
      const name = { collection: projects[entityType].collection, dryRun };
      const stored = await readScan(db, name);
      await beginScan(db, name, resumeScan(stored?.state ?? null, fromStart));
    },

    /** Asks for one page, and adds its items. Repeated, it adds and counts nothing twice. */
    async scanPage(entityType: EntityType, { dryRun }: ScanInput): Promise<ScanStep> {
      const project = projects[entityType];
      const name = { collection: project.collection, dryRun };
      const stored = await readScan(db, name);
      if (stored === null) throw new Error(`the scan of ${project.collection} was not begun`);
      if (stored.state.ended !== null) return stepOf(stored.state);
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
      const page = isTaken ? answer.identifiers : [];
      return advance(name, { ...stored, state }, (tx) => addPage(tx, { entityType, dryRun, page, state }));
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
  readonly page: readonly string[];
  readonly state: ScanState;
}

/** Adds a page's items. */
async function addPage(tx: Transaction, { entityType, dryRun, page, state }: Page): Promise<ScanState> {
  const gids = page.flatMap((identifier) => {
    const reading = readItemLine(identifier, priorities.usual);
    return reading.kind === 'named' ? [reading.gid] : [];
  });
  // An answer may hold another query's items: what MusicBrainz knows an MBID as goes before what was asked for.
  const kinds = await readKinds(tx, gids);
  const named = gids.map((gid) => ({ ...kinds.keyOf({ entityType, gid }), priority: priorities.usual }));
  const { added } = await (dryRun ? countEntitiesToAdd : addEntities)(tx, named);
  const ofOtherKind = named.filter((key) => key.entityType !== entityType);
  const seen = noteOtherKind(state, entityType, ofOtherKind);
  // In a dry run, a page that will be asked for again would count twice.
  return state.pending > 0 && dryRun ? seen : { ...seen, added: seen.added + added };
}
