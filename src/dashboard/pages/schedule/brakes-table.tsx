import { type Brake, storedBrakeNames } from '../../../database/brakes/index.ts';
import { computedEndings, storedEndings, whatStops } from '../../../wording/brakes.ts';
import type { PageContext } from '../../environment.ts';
import { ActionForm } from '../../forms/action-form.tsx';
import { Badge } from '../../layout/badge.tsx';
import { When } from '../../layout/when.tsx';

interface BrakesTableProps {
  readonly c: PageContext;
  /** Those that are on. */
  readonly brakes: readonly Brake[];
}

const endings = { ...storedEndings, ...computedEndings };
const names = Object.keys(endings) as Brake['name'][];

/** Every brake that there is: those that are on with their reason, and of each what ends it. */
export function BrakesTable({ c, brakes }: BrakesTableProps) {
  const on = new Map(brakes.map((brake) => [brake.name, brake]));
  const inOrder = [...brakes.map(({ name }) => name), ...names.filter((name) => !on.has(name))];
  return (
    <div class="scroll">
      <table id="brakes">
        <caption>Brakes, those that are on first</caption>
        <thead>
          <tr>
            <th scope="col">Brake</th>
            <th scope="col">State</th>
            <th scope="col">Why</th>
            <th scope="col">What ends it</th>
            <th scope="col">Release</th>
          </tr>
        </thead>
        <tbody>
          {inOrder.map((name) => (
            <Row c={c} name={name} brake={on.get(name)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps {
  readonly c: PageContext;
  readonly name: Brake['name'];
  readonly brake: Brake | undefined;
}

function Row({ c, name, brake }: RowProps) {
  return (
    <tr>
      <th scope="row">{name.replaceAll('_', ' ')}</th>
      {brake === undefined ? (
        <>
          <td>off</td>
          <td></td>
        </>
      ) : (
        <>
          <td>
            <Badge of="brake" /> {whatStops[brake.stops]}
            {brake.since !== null && (
              <>
                , since <When at={brake.since} />
              </>
            )}
          </td>
          <td>{brake.reason}</td>
        </>
      )}
      <td>{endings[name]}</td>
      <td>{brake !== undefined && <ReleaseForm c={c} brake={brake} />}</td>
    </tr>
  );
}

function ReleaseForm({ c, brake }: { readonly c: PageContext; readonly brake: Brake }) {
  const isStored = (storedBrakeNames as readonly string[]).includes(brake.name);
  if (!isStored || brake.since === null) return <span class="none">by itself</span>;
  return (
    <ActionForm c={c} action="/schedule/release" id={`release-${brake.name}`}>
      <input type="hidden" name="brake" value={brake.name} />
      <input type="hidden" name="since" value={brake.since.toISOString()} />
      <label>
        Note <input name="note" id={`note-${brake.name}`} maxlength={1000} autocomplete="off" />
      </label>
      <button class="danger" aria-label={`Release ${brake.name.replaceAll('_', ' ')}`}>
        Release
      </button>
    </ActionForm>
  );
}
