import type { RememberedContent } from '../../domain/remembered-content.ts';

interface Props {
  /** Of one image, the first before others. */
  readonly contents: readonly RememberedContent[];
}

/** Since when each content of an image is known, on whichever item it lay. */
export function KnownContents({ contents }: Props) {
  return (
    <ul data-part="contents">
      {contents.map(({ md5, firstSeen, lastSeen }, n) => (
        <li>
          {n > 0 && 'another content: '}
          md5 <code>{md5}</code>, seen {firstSeen === lastSeen ? `on ${firstSeen}` : `from ${firstSeen} to ${lastSeen}`}
        </li>
      ))}
    </ul>
  );
}
