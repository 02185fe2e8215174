import { z } from 'zod';
import { itemName } from '../domain/documents/file-names.ts';
import type { Project } from '../domain/entity.ts';
import { type ArchiveKey, authorization } from './archive-write.ts';
import { UnreadableError } from './errors.ts';
import { jsonOf, unusable } from './http.ts';
import type { HttpClient, SlowDownScope } from './http-client.ts';

/** How busy the archive is with us: an item's outstanding tasks, and whose limit a SlowDown is. */
export interface ArchiveLimits {
  /**
   * How many tasks the archive still has to apply to the item; null where no key is configured, so that it can't be asked.
   *
   * @throws {UnreadableError} where the answer cannot be judged.
   * @throws {KeyRefusedError} where the key is refused.
   */
  outstandingTasks(project: Project, gid: string): Promise<number | null>;
  /** Whether a SlowDown is about this bucket alone. Where that is unknown, it is about all of us. */
  slowDownScope(project: Project, bucket: string): Promise<SlowDownScope>;
}

export interface ArchiveLimitsOptions {
  readonly archiveUrl: string;
  readonly limitUrl: string;
  readonly keyOf: (project: Project) => ArchiveKey | null;
}

/** A count in an answer. One that is not there, null, or no number is unknown, and not none. */
export const count = z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)]).pipe(z.int().nonnegative());
const tasksAnswer = z.object({
  success: z.literal(true),
  value: z.object({ summary: z.object({ queued: count, running: count, error: count, paused: count }) }),
});

const quota = count.optional().catch(undefined);
const limitAnswer = z.object({
  detail: z.object({
    accesskey_tasks_queued: quota,
    accesskey_ration: quota,
    bucket_tasks_queued: quota,
    bucket_ration: quota,
    total_tasks_queued: quota,
    total_global_limit: quota,
  }),
});

export function openArchiveLimits(http: HttpClient, options: ArchiveLimitsOptions): ArchiveLimits {
  return {
    async outstandingTasks(project, gid) {
      const key = options.keyOf(project);
      if (key === null) return null;
      const item = itemName(gid);
      const url = `${options.archiveUrl}/services/tasks.php?summary=1&identifier=${item}`;
      const headers = { authorization: authorization(key, project) };
      const request = `GET ${url}`;
      const answer = await http.send({ kind: 'tasks', item, method: 'GET', url, headers });
      if (answer.status !== 200) throw unusable(request, answer, { project });
      const parsed = tasksAnswer.safeParse(jsonOf(answer, request));
      if (!parsed.success) throw unusable(request, answer, { trouble: 'no summary of tasks' });
      const { queued, running, error, paused } = parsed.data.value.summary;
      // A task in error or paused is still to be applied once somebody has seen to it.
      return queued + running + error + paused;
    },
    async slowDownScope(project, bucket) {
      const key = options.keyOf(project);
      if (key === null) return 'account';
      const url = new URL(options.limitUrl);
      url.searchParams.set('check_limit', '1');
      url.searchParams.set('accesskey', key.access);
      url.searchParams.set('bucket', bucket);
      // Sent once and as it is: where the limit itself answers with a pause, everybody pauses anyway.
      const answer = await http.sendOnce({ kind: 'check_limit', method: 'GET', url: url.href }).catch(unlessUnreadable);
      const parsed = answer?.status === 200 ? limitAnswer.safeParse(tryJson(answer.body)) : undefined;
      return parsed?.success === true && isBucketAlone(parsed.data.detail) ? 'item' : 'account';
    },
  };
}

type LimitDetail = z.infer<typeof limitAnswer>['detail'];

function isBucketAlone(detail: LimitDetail): boolean {
  const over = (queued: number | undefined, ration: number | undefined): boolean =>
    queued !== undefined && ration !== undefined && queued >= ration;
  return (
    over(detail.bucket_tasks_queued, detail.bucket_ration) &&
    !over(detail.accesskey_tasks_queued, detail.accesskey_ration) &&
    !over(detail.total_tasks_queued, detail.total_global_limit)
  );
}

function unlessUnreadable(error: unknown): undefined {
  if (error instanceof UnreadableError) return undefined;
  throw error;
}

function tryJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
