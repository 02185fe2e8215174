import type { Item, StoredFile } from './item.ts';

const imageOriginal = /^mbid-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}-(\d+)\.(?:jpg|png|gif|pdf)$/;

/** The artwork id in the name of an image original, else null: thumbnails and `history/…` are none. */
export function artworkIdOf(fileName: string): number | null {
  const id = imageOriginal.exec(fileName)?.[1];
  return id === undefined ? null : Number(id);
}

/** An image original that once was, and where. */
export interface Original {
  readonly identifier: string;
  readonly name: string;
  readonly md5: string;
  readonly artworkId: number;
}

/**
 * Remembers every image original that ever was, so that the loss of a last copy can be told, whoever caused it.
 * A copy is a current original of the same artwork id with the same bytes, on any item, a dark one too; an older
 * version under `history/` is none, nor is another image that happens to have the same bytes.
 */
export class OriginalsLedger {
  readonly #ever = new Map<string, Original>();
  readonly #permitted = new Set<string>();
  readonly #permittedIds = new Set<number>();

  note(identifier: string, file: StoredFile): void {
    const artworkId = artworkIdOf(file.name);
    if (artworkId === null) return;
    const original = { identifier, name: file.name, md5: file.content.md5, artworkId };
    this.#ever.set(keyOf(original), original);
  }

  /** A person removed this copy: from here its loss is theirs. Other copies are not covered by their word. */
  permit(identifier: string, file: StoredFile): void {
    this.#permitted.add(keyOf({ identifier, name: file.name, md5: file.content.md5 }));
  }

  /** A person had the image itself deleted (an editor at MusicBrainz, say), wherever its copies are. */
  permitImage(artworkId: number): void {
    this.#permittedIds.add(artworkId);
  }

  lost(items: Iterable<Item>): Original[] {
    const current = new Set<string>();
    for (const item of items) {
      for (const file of item.files.values()) {
        const artworkId = artworkIdOf(file.name);
        if (artworkId !== null) current.add(`${artworkId}/${file.content.md5}`);
      }
    }
    return [...this.#ever].flatMap(([key, original]) =>
      current.has(`${original.artworkId}/${original.md5}`) ||
      this.#permitted.has(key) ||
      this.#permittedIds.has(original.artworkId)
        ? []
        : [original],
    );
  }
}

function keyOf({ identifier, name, md5 }: Pick<Original, 'identifier' | 'md5' | 'name'>): string {
  return `${identifier}/${name}/${md5}`;
}
