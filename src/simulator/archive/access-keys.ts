/** The archive's S3-like keys of one project. */
export interface AccessKey {
  readonly access: string;
  readonly secret: string;
}

/** The keys that are accepted; null: any. They may change while the simulator runs. */
export type AccessKeys = { readonly [Project in 'caa' | 'eaa']?: AccessKey } | null;

/** What `Authorization: LOW {access}:{secret}` says, or null where there is no such header. */
export function parseAuthorization(header: string | undefined): AccessKey | null {
  const [, access, secret] = /^LOW ([^:\s]+):(\S+)$/i.exec(header ?? '') ?? [];
  return access === undefined || secret === undefined ? null : { access, secret };
}

export type KeyJudgement = 'accepted' | 'missing' | 'unknown' | 'wrong_secret';

export function judgeKey(keys: AccessKeys, key: AccessKey | null): KeyJudgement {
  if (key === null) return 'missing';
  if (keys === null) return 'accepted';
  const match = [keys.caa, keys.eaa].find((known) => known?.access === key.access);
  if (match === undefined) return 'unknown';
  return match.secret === key.secret ? 'accepted' : 'wrong_secret';
}

const collections = { caa: 'coverartarchive', eaa: 'eventartarchive' } as const;

/** Whether a key may write to these collections: the CAA's key not to the EAA's items, nor the other way round. */
export function mayWriteTo(keys: AccessKeys, access: string, collectionNames: readonly string[]): boolean {
  if (keys === null) return true;
  const project = keys.caa?.access === access ? 'caa' : 'eaa';
  // Where both projects have one and the same key there is nothing to keep apart.
  if (keys.caa?.access === keys.eaa?.access) return true;
  return !collectionNames.includes(collections[project === 'caa' ? 'eaa' : 'caa']);
}
