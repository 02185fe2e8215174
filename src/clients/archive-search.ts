import { z } from 'zod';
import type { Project } from '../domain/project.ts';
import type { ScanState, ScrapePage } from '../domain/imports/scan-state.ts';
import { count } from './archive-limits.ts';
import { type ArchiveKey, authorization } from './archive-write.ts';
import type { Budget } from './budget.ts';
import { KeyRefusedError, RefusedError, UnreadableError } from './errors.ts';
import { describeAnswer, detailsOf, type HttpClient, jsonOf } from './http.ts';
import { sendPolitely } from './polite.ts';

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
   * @throws {UnreadableError} where the answer tells nothing.
   * @throws {KeyRefusedError} where the key is refused.
   * @throws {RefusedError} where the archive refuses the question.
   */
  scrape(project: Project, place: Pick<ScanState, 'cursor' | 'withoutCount'>): Promise<ScrapeAnswer>;
}

export interface ArchiveSearchOptions {
  readonly url: string;
  readonly keyOf: (project: Project) => ArchiveKey | null;
}

/** The most that the archive gives at once. */
const pageItems = 10_000;

const pageAnswer = z.object({
  items: z.array(z.object({ identifier: z.string() })),
  cursor: z.string().min(1).nullish(),
  total: count.nullish(),
});
const errorAnswer = z.object({
  error: z.unknown().refine((error) => error !== undefined),
  errorType: z.string().catch(''),
});

export function openArchiveSearch(http: HttpClient, budget: Budget, options: ArchiveSearchOptions): ArchiveSearch {
  return {
    async scrape(project, { cursor, withoutCount }) {
      const url = new URL(`${options.url}/services/search/v1/scrape`);
      url.searchParams.set('q', `collection:${project.collection}`);
      url.searchParams.set('fields', 'identifier');
      if (!withoutCount) url.searchParams.set('count', `${pageItems}`);
      // May show what is `noindex` (domain page internet-archive.md, "Search").
      url.searchParams.set('scope', 'all');
      if (cursor !== null) url.searchParams.set('cursor', cursor);
      const key = options.keyOf(project);
      const headers: Record<string, string> = key === null ? {} : { authorization: authorization(key, project) };
      const answer = await sendPolitely(http, budget, { kind: 'scrape', method: 'GET', url: url.href, headers });
      const failed = `${url.href}: ${describeAnswer(answer)}`;
      if (answer.status === 401) throw new KeyRefusedError(project.name, failed, detailsOf(answer));
      if (answer.status === 400 && cursor !== null && /cursor/i.test(answer.body.subarray(0, 4096).toString('utf8'))) {
        return { kind: 'cursor_refused', reason: failed };
      }
      if (answer.status >= 400 && answer.status <= 499 && answer.status !== 408) {
        throw new RefusedError(failed, detailsOf(answer));
      }
      if (answer.status !== 200) throw new UnreadableError(failed, detailsOf(answer));
      const body = jsonOf(answer, url.href);
      if (errorAnswer.safeParse(body).success) return { kind: 'error', reason: failed };
      const page = pageAnswer.safeParse(body);
      if (!page.success)
        throw new UnreadableError(`${url.href}: no page of items: ${describeAnswer(answer)}`, detailsOf(answer));
      const identifiers = page.data.items.map(({ identifier }) => identifier);
      return { kind: 'page', identifiers, cursor: page.data.cursor ?? null, total: page.data.total ?? null };
    },
  };
}
