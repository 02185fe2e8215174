import type { EventTree, ShownEvent, TreeEvent } from '../../../../database/event-queries/index.ts';
import { Badge } from '../../../layout/badge.tsx';
import { MessageLinks } from '../event-entities.tsx';

/** What an event depends on, and what depends on it, to the ends of the tree. Each event is shown once. */
export function DependencyTree({ event, tree }: { readonly event: ShownEvent; readonly tree: EventTree }) {
  const { ancestors, dependents, isCut } = tree;
  const known = new Map([...ancestors, ...dependents].map((each) => [each.id, each]));
  const parentsOf = (id: number): readonly number[] =>
    id === event.id ? event.dependsOn : (known.get(id)?.dependsOn ?? []);
  const childrenOf = (id: number): readonly number[] =>
    dependents.filter(({ dependsOn }) => dependsOn.includes(id)).map((child) => child.id);
  return (
    <section aria-labelledby="depends">
      <h2 id="depends">Dependencies</h2>
      {isCut && <p class="notice warn">There are more than are shown here.</p>}
      <h3>It depends on</h3>
      <Branch ids={parentsOf(event.id)} next={parentsOf} known={known} seen={new Set([event.id])} none="Nothing." />
      <h3>What depends on it and has not completed</h3>
      <Branch ids={childrenOf(event.id)} next={childrenOf} known={known} seen={new Set([event.id])} none="Nothing." />
    </section>
  );
}

interface BranchProps {
  readonly ids: readonly number[];
  readonly next: (id: number) => readonly number[];
  readonly known: ReadonlyMap<number, TreeEvent>;
  /** Those that were shown further up; added to. */
  readonly seen: Set<number>;
  readonly none?: string;
}

function Branch({ ids, next, known, seen, none }: BranchProps) {
  if (ids.length === 0) return none === undefined ? null : <p class="none">{none}</p>;
  return (
    <ul class="tree">
      {ids.map((id) => {
        const event = known.get(id);
        const isRepeated = seen.has(id);
        seen.add(id);
        return (
          <li>
            <a href={`/events/${id}`}>event {id}</a>{' '}
            {isRepeated ? (
              <span class="none">shown above</span>
            ) : event === undefined ? (
              <span class="none">not there any more, or not read</span>
            ) : (
              <>
                <Badge of={event.state} /> <Badge of={event.action} />{' '}
                <MessageLinks entityType={event.entityType} message={event.message} />
                <Branch ids={next(id)} next={next} known={known} seen={seen} />
              </>
            )}
          </li>
        );
      })}
    </ul>
  );
}
