import type { IncomingHttpHeaders } from 'node:http';
import { type AccessKey, type AccessKeys, judgeKey, mayWriteTo, parseAuthorization } from './access-keys.ts';
import { type Answer, emptyAnswer, redirectAnswer, requestIdOf, s3Error, withHeaders } from './answer.ts';
import type { ArchiveState } from './archive-state.ts';
import { contentOf } from '../content.ts';
import type { Capacity, FaultDice } from './fault-dice.ts';
import type { Faults } from './faults.ts';
import { type Item, type ItemMetadata, type Task, valuesOf } from './item.ts';
import { isOwnFile } from './own-files.ts';
import type { RequestTo } from './request-log.ts';
import { applyDelete, applyPut } from './writes.ts';

type WriteRequest = RequestTo<'copy' | 'delete' | 'put'>;

interface WriteContext {
  readonly state: ArchiveState;
  readonly capacity: Capacity;
  readonly faults: Pick<Faults, 'copyLagSeconds'>;
  readonly dice: FaultDice;
  readonly keys: () => AccessKeys;
  /** The origin of the host that a write may be sent on to. */
  readonly otherHost: () => string;
}

/** Answers a PUT, a copy or a DELETE, and orders its task where it is accepted. `reset`: the client gets no answer. */
export function answerWrite(request: WriteRequest, context: WriteContext): Answer | 'reset' {
  const { dice, capacity } = context;
  const { identifier } = request.route;
  const key = parseAuthorization(request.headers.authorization);
  const refusedKey = refuseKey(request, key, context);
  if (refusedKey !== null || key === null) return refusedKey ?? s3Error(request, 'AccessDenied', '', 401);
  if (request.role === 'archive' && dice.strikes('writeRedirect', request)) {
    return redirectAnswer(307, `${context.otherHost()}${request.url.pathname}${request.url.search}`);
  }
  const slowDown = capacity.refuse(request, key.access, identifier);
  if (slowDown !== null) return slowDown;
  if (dice.strikes('writeError', request)) {
    return s3Error(request, dice.chance('writeError.code', request) < 0.5 ? 'InternalError' : 'ServiceUnavailable');
  }
  if (request.kind === 'copy' && dice.strikes('copyErrorWith200', request)) {
    const code = dice.chance('copyErrorWith200.code', request) < 0.5 ? 'InternalError' : 'SlowDown';
    return s3Error(request, code, '', 200);
  }
  const answer = withHeaders(accept(request, key, parseWriteHeaders(request.headers), context), {
    'x-amz-request-id': requestIdOf(request),
  });
  if (answer.status >= 300 || !dice.strikes('appliedThoughFailed', request)) return answer;
  return dice.chance('appliedThoughFailed.how', request) < 0.5 ? 'reset' : s3Error(request, 'InternalError');
}

function refuseKey(request: WriteRequest, key: AccessKey | null, context: WriteContext): Answer | null {
  if (context.dice.strikes('keyRefused', request)) return s3Error(request, 'InvalidAccessKeyId');
  switch (judgeKey(context.keys(), key)) {
    case 'missing':
      return s3Error(request, 'AccessDenied', 'No credentials were given.', 401);
    case 'unknown':
      return s3Error(request, 'InvalidAccessKeyId');
    case 'wrong_secret':
      return s3Error(request, 'SignatureDoesNotMatch');
    case 'accepted':
      return null;
  }
}

function accept(request: WriteRequest, key: AccessKey, headers: WriteHeaders, context: WriteContext): Answer {
  const { state, dice, faults } = context;
  const { identifier, file } = request.route;
  const existing = state.bucket(identifier);
  const denied = denyAccess(request, key, existing, headers, context);
  if (denied !== null) return denied;
  if (existing === undefined && (request.kind === 'delete' || !headers.autoMakeBucket)) {
    return s3Error(request, 'NoSuchBucket');
  }
  const fate: Task['fate'] = dice.strikes('taskStuck', request)
    ? 'stuck'
    : dice.strikes('taskFailure', request)
      ? 'failed'
      : 'applied';
  const lagSeconds = request.kind === 'copy' && dice.strikes('copyLag', request) ? faults.copyLagSeconds : 0;
  const task = { fate, lagSeconds, derive: request.kind !== 'delete' };
  if (request.kind === 'delete') {
    const item = existing as Item;
    const order = { name: file, keepOldVersion: headers.keepOldVersion, cascade: headers.cascadeDelete };
    // 204 also where the file is gone: then there is nothing to order.
    if (item.files.has(file) || item.tasks.length > 0) state.order(item, task, () => applyDelete(item, order));
    return emptyAnswer(204);
  }
  const content = headers.copySource === null ? contentOf(request.body) : sourceOf(request, headers.copySource, state);
  if (!('bytes' in content)) return content;
  const { metadata, keepOldVersion } = headers;
  const item = existing ?? state.makeBucket(identifier, withDefaults(metadata), key.access);
  const replaced = existing !== undefined && headers.ignorePreexistingBucket ? withDefaults(metadata) : null;
  const order = { name: file, content, keepOldVersion, metadata: replaced };
  state.order(item, task, (at, ledger) => applyPut(item, order, at, ledger));
  return request.kind === 'copy' ? copied(content.md5) : emptyAnswer(200, { etag: `"${content.md5}"` });
}

function denyAccess(
  request: WriteRequest,
  { access }: AccessKey,
  item: Item | undefined,
  headers: WriteHeaders,
  { dice, keys }: WriteContext,
): Answer | null {
  const { identifier, file } = request.route;
  if (dice.strikes('accessDenied', request))
    return s3Error(request, 'AccessDenied', 'You are not the owner of this bucket.');
  if (item?.dark === true) return s3Error(request, 'AccessDenied', 'This item is dark.');
  if (item !== undefined && item.owner !== null && item.owner !== access) {
    return s3Error(request, 'AccessDenied', 'You are not the owner of this bucket.');
  }
  const collections = item === undefined ? [headers.metadata['collection'] ?? []].flat() : valuesOf(item, 'collection');
  if (!mayWriteTo(keys(), access, collections)) {
    return s3Error(request, 'AccessDenied', 'You lack sufficient privileges to write to those collections.');
  }
  if (isOwnFile(identifier, file) || (request.kind !== 'delete' && file.startsWith('history/'))) {
    return s3Error(request, 'AccessDenied', 'Only the archive writes this file.');
  }
  return null;
}

/** The bytes to copy as they are now: what is ordered and not applied yet can't be copied. */
function sourceOf(request: WriteRequest, source: { identifier: string; file: string }, state: ArchiveState) {
  const item = state.find(source.identifier);
  if (item?.dark === true) return s3Error(request, 'AccessDenied', 'The source is dark.');
  return item?.files.get(source.file)?.content ?? s3Error(request, 'NoSuchKey', 'The copy source is not there.');
}

/** What an item is made with where the request does not say. */
function withDefaults(metadata: WriteHeaders['metadata']): WriteHeaders['metadata'] {
  return { mediatype: 'data', collection: 'opensource', ...metadata };
}

function copied(md5: string): Answer {
  const body = `<?xml version='1.0' encoding='UTF-8'?>\n<CopyObjectResult><ETag>"${md5}"</ETag></CopyObjectResult>`;
  return { status: 200, headers: { 'content-type': 'application/xml' }, body: Buffer.from(body) };
}

/** What the `x-archive-…` headers of a write ask for. */
interface WriteHeaders {
  readonly autoMakeBucket: boolean;
  readonly ignorePreexistingBucket: boolean;
  readonly keepOldVersion: boolean;
  readonly cascadeDelete: boolean;
  /** Where the bytes come from, for a copy. */
  readonly copySource: { readonly identifier: string; readonly file: string } | null;
  readonly metadata: ItemMetadata;
}

function parseWriteHeaders(headers: IncomingHttpHeaders): WriteHeaders {
  const isSet = (name: string): boolean => headers[name] === '1';
  return {
    autoMakeBucket: isSet('x-archive-auto-make-bucket'),
    ignorePreexistingBucket: isSet('x-archive-ignore-preexisting-bucket'),
    keepOldVersion: isSet('x-archive-keep-old-version'),
    cascadeDelete: isSet('x-archive-cascade-delete'),
    copySource: parseCopySource(headers['x-amz-copy-source']),
    metadata: parseMetadata(headers),
  };
}

/** `x-archive-meta-{field}`; a number after `meta` makes the field a list, and `--` stands for `_`. */
function parseMetadata(headers: IncomingHttpHeaders): ItemMetadata {
  const values = new Map<string, string[]>();
  for (const name of Object.keys(headers).sort()) {
    const field = /^x-archive-meta\d*-(.+)$/.exec(name)?.[1]?.replaceAll('--', '_');
    const value = headers[name];
    if (field === undefined || typeof value !== 'string') continue;
    values.set(field, [...(values.get(field) ?? []), decodeValue(value)]);
  }
  return Object.fromEntries([...values].map(([field, all]) => [field, all.length === 1 ? (all[0] ?? '') : all]));
}

/** `uri(…)` holds what a header can't. */
function decodeValue(value: string): string {
  const encoded = /^uri\((.*)\)$/.exec(value)?.[1];
  if (encoded === undefined) return value;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return value;
  }
}

function parseCopySource(header: string | string[] | undefined): WriteHeaders['copySource'] {
  if (typeof header !== 'string') return null;
  try {
    const [identifier = '', ...file] = decodeURIComponent(header).replace(/^\//, '').split('/');
    return { identifier, file: file.join('/') };
  } catch {
    return { identifier: '', file: header };
  }
}
