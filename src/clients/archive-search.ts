import { z } from 'zod';
import type { Project } from '../domain/entity.ts';
import { lastWritten } from '../domain/imports/line-reading.ts';
import type { ScanState, ScrapePage } from '../domain/imports/scan-state.ts';
import { count } from './archive-limits.ts';
import { type ArchiveKey, authorization } from './archive-write.ts';
import { RefusedError } from './errors.ts';
import { describeAnswer, detailsOf, jsonOf, unusable } from './http.ts';
import type { HttpClient } from './http-client.ts';

export type ScrapeAnswer =
  | ({ readonly kind: 'page' } & ScrapePage)
  /** The archive reports a fault, with status 200. */
  | { readonly kind: 'error'; readonly reason: string }
  /** It doesn't know the cursor any more. */
  | { readonly kind: 'cursor_refused'; readonly reason: string };

export interface ArchiveSearch {
  /**
   * A page of the items of a project's collection; with the project's key where one is configured, as these items are
   * hidden from others.
   *
   * @param place.cursor of the page before; null for the first.
   * @param place.withoutCount leaves the number of items a page to the archive, which has been seen to ignore the cursor
   *   where it is sent.
   * @param place.changedSince where it is not null, when each item was last written is asked for too. The search has no
   *   `item_last_updated` (github.com/jjjake/internetarchive/issues/423); the newest `oai_updatedate` is that moment, as
   *   of when the item was indexed.
   * @throws {UnreadableError} where the answer cannot be judged.
   * @throws {KeyRefusedError} where the key is refused.
   * @throws {RefusedError} where the archive refuses the question.
   */
  scrape(project: Project, place: Pick<ScanState, 'changedSince' | 'cursor' | 'withoutCount'>): Promise<ScrapeAnswer>;
}

export interface ArchiveSearchOptions {
  readonly url: string;
  readonly keyOf: (project: Project) => ArchiveKey | null;
}

/** The most that the archive gives at once. */
const pageItems = 10_000;

const pageAnswer = z.object({
  items: z.array(z.object({ identifier: z.string(), oai_updatedate: z.unknown().optional() })),
  cursor: z.string().min(1).nullish(),
  total: count.nullish(),
});
const errorAnswer = z.object({
  error: z.unknown().refine((error) => error !== undefined),
  errorType: z.string().catch(''),
});

export function openArchiveSearch(http: HttpClient, options: ArchiveSearchOptions): ArchiveSearch {
  return {
    async scrape(project, { changedSince, cursor, withoutCount }) {
      const url = new URL(`${options.url}/services/search/v1/scrape`);
      url.searchParams.set('q', `collection:${project.collection}`);
      url.searchParams.set('fields', changedSince === null ? 'identifier' : 'identifier,oai_updatedate');
      if (!withoutCount) url.searchParams.set('count', `${pageItems}`);
      // May show what is `noindex` (domain page internet-archive.md, "Search").
      url.searchParams.set('scope', 'all');
      if (cursor !== null) url.searchParams.set('cursor', cursor);
      const key = options.keyOf(project);
      const headers: Record<string, string> = key === null ? {} : { authorization: authorization(key, project) };
      const answer = await http.send({ kind: 'scrape', method: 'GET', url: url.href, headers });
      const request = `GET ${url.href}`;
      const failed = describeAnswer(request, answer);
      if (answer.status === 401) throw unusable(request, answer, { project });
      if (answer.status === 400 && cursor !== null && /cursor/i.test(answer.body.subarray(0, 4096).toString('utf8'))) {
        return { kind: 'cursor_refused', reason: failed };
      }
      if (answer.status >= 400 && answer.status <= 499 && answer.status !== 408) {
        throw new RefusedError(failed, detailsOf(answer));
      }
      if (answer.status !== 200) throw unusable(request, answer);
      const body = jsonOf(answer, request);
      if (errorAnswer.safeParse(body).success) return { kind: 'error', reason: failed };
      const page = pageAnswer.safeParse(body);
      if (!page.success) throw unusable(request, answer, { trouble: 'no page of items' });
      const identifiers = page.data.items.map(({ identifier }) => identifier);
      const writtenAt = new Map(
        page.data.items.flatMap(({ identifier, oai_updatedate: dates }) => {
          const moment = lastWritten(dates);
          return moment === null ? [] : [[identifier, moment] as const];
        }),
      );
      return { kind: 'page', identifiers, writtenAt, cursor: page.data.cursor ?? null, total: page.data.total ?? null };
    },
  };
}
