import type { ImageContent } from './image-content.ts';

/** A file of an item, as the archive's metadata lists it. */
export interface ObservedFile extends ImageContent {
  readonly name: string;
  readonly source: string;
  /** For derivatives: the file they were made from. */
  readonly original: string | null;
  /** When it was written, in seconds since 1970; null where the archive does not say. */
  readonly mtime: number | null;
}

/** What archive.org says of one item. "Cannot tell" is never one of these: a client throws instead. */
export type ObservedItem = PresentItem | { readonly kind: 'dark' } | { readonly kind: 'missing' };

export interface PresentItem {
  readonly kind: 'present';
  readonly files: readonly ObservedFile[];
  /** Item metadata: each key with all its values, whether the archive gave a string or a list. */
  readonly metadata: Readonly<Record<string, readonly string[]>>;
  /** Seconds since 1970, or null where the archive does not say. */
  readonly lastUpdated: number | null;
  /** The data nodes that serve its files when the delivery host does not: `d1`, `d2`, `workable_servers`. */
  readonly nodes: readonly string[];
  readonly dir: string | null;
}
