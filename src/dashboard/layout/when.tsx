import { duration } from '../../wording/duration.ts';
import { toSeconds } from '../../wording/moment.ts';

/** A moment: how long ago or ahead, and in full where one points at it. */
export function When({ at }: { readonly at: Date | null }) {
  if (at === null) return <span class="none">never</span>;
  const hours = (Date.now() - at.getTime()) / 3_600_000;
  const words = hours >= 0 ? `${duration(hours)} ago` : `in ${duration(-hours)}`;
  return (
    <time datetime={at.toISOString()} title={toSeconds(at)}>
      {words}
    </time>
  );
}
