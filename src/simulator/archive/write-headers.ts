import type { IncomingHttpHeaders } from 'node:http';
import type { ItemMetadata } from './item.ts';

/** What the `x-archive-…` headers of a write ask for. */
export interface WriteHeaders {
  readonly autoMakeBucket: boolean;
  readonly ignorePreexistingBucket: boolean;
  readonly keepOldVersion: boolean;
  readonly cascadeDelete: boolean;
  /** Where the bytes come from, for a copy. */
  readonly copySource: { readonly identifier: string; readonly file: string } | null;
  readonly metadata: ItemMetadata;
}

export function parseWriteHeaders(headers: IncomingHttpHeaders): WriteHeaders {
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
