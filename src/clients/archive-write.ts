import { itemName, originalFileName } from '../domain/documents/file-names.ts';
import type { Project } from '../domain/entity.ts';
import { requestInWords } from '../domain/queue/failure-reason.ts';
import type { CopyImageMessage } from '../domain/queue/indexer-event.ts';
import { KeyRefusedError, RefusedError, UnreadableError } from './errors.ts';
import { redirectTarget } from './hosts.ts';
import { describeAnswer, detailsOf, errorCodeOf, type HttpAnswer, type HttpRequest, unusable } from './http.ts';
import type { HttpClient, SlowDownScope } from './http-client.ts';

/** An S3 key pair of one project. */
export interface ArchiveKey {
  readonly access: string;
  readonly secret: string;
}

/**
 * Writing to archive.org, with the requests of artwork-indexer to the header (domain page artwork-indexer.md, "What the
 * handlers send"). All may be repeated.
 *
 * Methods throw KeyRefusedError (stop the project), RefusedError (this item), UnreadableError (try again; the write may
 * have happened all the same) and CoolDownError. They return the archive's id of the request, or null where it gave none.
 */
export interface ArchiveWriter {
  putIndex(project: Project, gid: string, body: Uint8Array): Promise<string | null>;
  putXml(project: Project, gid: string, fileName: string, body: Uint8Array): Promise<string | null>;
  copyImage(project: Project, message: CopyImageMessage): Promise<string | null>;
  /** Done as well where the archive has neither item nor file: there is nothing left to delete. */
  deleteFile(project: Project, gid: string, fileName: string): Promise<string | null>;
}

export interface ArchiveWriteOptions {
  /** A template with `{bucket}` and `{file}` anywhere. */
  readonly url: string;
  readonly isArchiveHost: (url: URL) => boolean;
  /** Null where the configuration has no key for the project: a write is refused before it is sent. */
  readonly keyOf: (project: Project) => ArchiveKey | null;
  /** The run of a workflow whose claim each write needs; none outside of one. */
  readonly holder?: string | undefined;
  /** Asks whose limit a SlowDown is. */
  readonly slowDownScope: (project: Project, bucket: string) => Promise<SlowDownScope>;
}

/** S3 redirects a write to the host that takes it (307); more hops are a loop. */
const maxRedirects = 3;

export function openArchiveWriter(http: HttpClient, options: ArchiveWriteOptions): ArchiveWriter {
  async function write(
    project: Project,
    gid: string,
    fileName: string,
    request: Omit<HttpRequest, 'url'>,
  ): Promise<string | null> {
    const bucket = itemName(gid);
    const first = fill(options.url, bucket, fileName);
    let url = first;
    for (let hop = 0; hop <= maxRedirects; hop += 1) {
      // Redirects within the archive's hosts carry the key along: S3 asks the same of its other front-ends.
      const headers = { authorization: authorization(options.keyOf(project), project), ...request.headers };
      const { holder } = options;
      const answer = await http.send({ ...request, item: bucket, holder, url, headers }, () =>
        options.slowDownScope(project, bucket),
      );
      if (answer.status !== 307) {
        const isDone = request.kind === 'delete' && isGone(answer);
        if (!isDone) judge(project, `${request.method} ${bucket}/${fileName}`, answer);
        return detailsOf(answer).requestId;
      }
      url = redirectTarget(url, answer.headers['location'], options.isArchiveHost);
    }
    throw new UnreadableError(requestInWords(`more than ${maxRedirects} redirects`, `${request.method} ${first}`));
  }

  return {
    putIndex: (project, gid, body) =>
      write(project, gid, 'index.json', {
        kind: 'put',
        method: 'PUT',
        body,
        headers: {
          'content-type': 'application/json; charset=UTF-8',
          ...makeBucket,
          ...keepOldVersion,
          ...itemMetadata(project),
        },
      }),
    putXml: (project, gid, fileName, body) =>
      write(project, gid, fileName, {
        kind: 'put',
        method: 'PUT',
        body,
        headers: { 'content-type': 'application/xml; charset=UTF-8', ...makeBucket, ...itemMetadata(project) },
      }),
    copyImage: (project, message) => {
      const { artwork_id: id, old_gid: from, new_gid: to, suffix } = message;
      return write(project, to, originalFileName(to, id, suffix), {
        kind: 'copy',
        method: 'PUT',
        headers: {
          'x-amz-copy-source': `/${itemName(from)}/${originalFileName(from, id, suffix)}`,
          ...makeBucket,
          ...keepOldVersion,
          ...itemMetadata(project),
        },
      });
    },
    deleteFile: (project, gid, fileName) =>
      write(project, gid, fileName, {
        kind: 'delete',
        method: 'DELETE',
        headers: { ...keepOldVersion, 'x-archive-cascade-delete': '1' },
      }),
  };
}

const makeBucket = { 'x-archive-auto-make-bucket': '1' };
const keepOldVersion = { 'x-archive-keep-old-version': '1' };

function itemMetadata(project: Project): Record<string, string> {
  return {
    'x-archive-meta-collection': project.collection,
    'x-archive-meta-mediatype': 'image',
    'x-archive-meta-noindex': 'true',
  };
}

/** An address of S3 from its template; both parts may stand in a query string, so both are encoded whole. */
function fill(template: string, bucket: string, fileName: string): string {
  return template.replaceAll('{bucket}', encodeURIComponent(bucket)).replaceAll('{file}', encodeURIComponent(fileName));
}

/** The Authorization of a project's requests. @throws {KeyRefusedError} where no key is configured. */
export function authorization(key: ArchiveKey | null, project: Project): string {
  if (key === null) {
    const message = `no S3 key is configured for the ${project.name.toUpperCase()}: set [s3] ${project.name}_access and ${project.name}_secret`;
    throw new KeyRefusedError(project.name, message, { status: null, code: null, bodyExcerpt: '', requestId: null });
  }
  return `LOW ${key.access}:${key.secret}`;
}

/** Done is a 2xx without an error document. */
function judge(project: Project, request: string, answer: HttpAnswer): void {
  const code = errorCodeOf(answer);
  const isSuccess = answer.status >= 200 && answer.status <= 299;
  if (isSuccess && code === null) return;
  const message = describeAnswer(request, answer);
  if ((isSuccess || answer.status === 403) && keyErrors.has(code)) {
    throw new KeyRefusedError(project.name, message, detailsOf(answer));
  }
  if (answer.status === 401) throw unusable(request, answer, { project });
  // A 4xx is the archive's considered answer to this very request; 408 and everything above 499 are its troubles.
  const isConsidered = isSuccess
    ? consideredErrors.has(code)
    : answer.status >= 400 && answer.status <= 499 && answer.status !== 408;
  if (isConsidered) throw new RefusedError(message, detailsOf(answer));
  throw unusable(request, answer);
}

const keyErrors: ReadonlySet<string | null> = new Set(['InvalidAccessKeyId', 'SignatureDoesNotMatch']);

/** What S3 says with a 4xx otherwise; any other error in a 2xx may be gone the next time. */
const consideredErrors: ReadonlySet<string | null> = new Set([
  'AccessDenied',
  'InvalidArgument',
  'InvalidRequest',
  'NoSuchBucket',
  'NoSuchKey',
]);

const goneErrors: ReadonlySet<string | null> = new Set(['NoSuchBucket', 'NoSuchKey']);

/** Only by S3's own word: any other 404 may be about something else, e.g. the address. */
function isGone(answer: HttpAnswer): boolean {
  return (answer.status === 404 || answer.status < 300) && goneErrors.has(errorCodeOf(answer));
}
