import type { PropsWithChildren } from 'hono/jsx';
import { any, askedFields, choicesOf, type Choosable, type Field } from '../../database/lists/fields.ts';
import type { CappedCount, ListPage } from '../../database/lists/walk.ts';
import { choiceInWords } from '../../wording/lists.ts';
import { countInWords, numberOf } from '../../wording/text.ts';
import type { PageContext } from '../environment.ts';
import { attributesOf, FieldProblem, filterForm, refusedForm, sentOf } from '../forms/fields.tsx';
import { addressWith } from '../forms/parameters.ts';

interface FilterFormProps {
  readonly c: PageContext;
  readonly list: Choosable;
  readonly action: string;
  /** Fields that the page lets choose elsewhere: they go along as they are. */
  readonly elsewhere?: readonly string[];
  /** What there is to choose from, of fields whose words only the database knows. */
  readonly known?: Readonly<Record<string, readonly string[]>>;
  /** What leads to the list without the filter. */
  readonly clear?: string;
}

/**
 * What one may choose a list's rows by, and below it what it chooses. Each field has the value that the address has, so that
 * a filter can be changed bit by bit; below one that can't be read there is nothing, as any rows would be others than were
 * asked for.
 */
export function FilterForm({
  c,
  list,
  action,
  elsewhere = [],
  known = {},
  clear = action,
  children,
}: PropsWithChildren<FilterFormProps>) {
  const asked = askedFields(list.fields).filter(([, { parameter }]) => !elsewhere.includes(parameter));
  const set = asked.filter(([, { parameter }]) => valuesOf(c, parameter).length > 0);
  const isRefused = refusedForm(c, filterForm)?.refusal.problems.some(({ isField }) => isField) ?? false;
  return (
    <>
      {/* On a phone the form is folded until this is checked; where there is room nothing of it is seen. */}
      <input type="checkbox" id="show-filters" class="fold" checked={isRefused} data-kept />
      <label for="show-filters" class="fold-label">
        {set.length === 0 ? 'No filter set' : numberOf(set.length, 'filter set', 'filters set')}
      </label>
      <form class="filters" action={action} method="get" id={filterForm} aria-label="Filter">
        {elsewhere.flatMap((name) =>
          valuesOf(c, name).map((value) => <input type="hidden" name={name} value={value} />),
        )}
        {asked.map(([key, field]) => (
          <FilterField c={c} list={list} filterKey={key} field={field} known={known[field.parameter]} />
        ))}
        <button>Filter</button>
        <a href={clear}>No filter</a>
      </form>
      {isRefused ? <p class="none">Nothing is listed: the filter can’t be read.</p> : children}
    </>
  );
}

/** The values of a parameter, as the address has them, or what was refused. */
function valuesOf(c: PageContext, name: string): readonly string[] {
  const values = sentOf(c, filterForm, name) ?? c.req.queries(name) ?? [];
  return values.filter((value) => value.trim() !== '');
}

interface FieldProps {
  readonly c: PageContext;
  readonly list: Choosable;
  readonly filterKey: string;
  readonly field: Field<unknown>;
  readonly known: readonly string[] | undefined;
}

function FilterField({ c, list, filterKey, field, known }: FieldProps) {
  const { parameter: name, label, kind, hint, isFollowed } = field;
  const values = valuesOf(c, name);
  const attributes = { name, ...attributesOf(c, filterForm, name) };
  const problem = <FieldProblem c={c} form={filterForm} name={name} />;
  if (isFollowed && values.length === 0) return null;
  if (kind.type === 'yes') {
    return (
      <div class="field">
        <label class="inline">
          <input type="checkbox" value="1" checked={values.includes('1')} {...attributes} /> {label}
        </label>
        {problem}
      </div>
    );
  }
  const choices = known ?? choicesOf(list, filterKey, kind);
  if (choices.length === 0 && known === undefined) {
    const isShort = kind.type === 'age' || kind.type === 'version' || kind.type === 'whole_number';
    return (
      <div class="field">
        <label>
          {label}
          <input
            value={values[0] ?? ''}
            placeholder={hint}
            size={isShort ? 8 : 30}
            autocomplete="off"
            {...attributes}
          />
        </label>
        {problem}
      </div>
    );
  }
  const standard: unknown = list.standard[filterKey];
  const chosen = values.length > 0 ? values : [standard].flat();
  return (
    <div class="field">
      <label>
        {label}
        <select multiple={kind.type === 'some_of'} {...attributes}>
          {standard === undefined && <option value="">{field.none ?? any}</option>}
          {[...new Set([...choices, ...(known === undefined ? [] : values)])].map((each) => (
            <option value={each} selected={chosen.includes(each)}>
              {each === any ? any : choiceInWords(field, each)}
            </option>
          ))}
        </select>
      </label>
      {problem}
    </div>
  );
}

/** A column of numbers. */
export function figures(title: string): Column {
  return { figures: title };
}

type Column = string | { readonly figures: string };

interface ListTableProps {
  readonly caption: string;
  readonly columns: readonly Column[];
  /** What its rows are, where they can be selected. */
  readonly selects?: string | null;
}

/** Things below each other, a row for each; on a phone each row is a card, whose cells say their column (`data-label`). */
export function ListTable({ caption, columns, selects = null, children }: PropsWithChildren<ListTableProps>) {
  return (
    <div class="scroll">
      <table class="list">
        <caption>{caption}</caption>
        <thead>
          <tr>
            {selects !== null && (
              <th scope="col">
                <input type="checkbox" data-select-all aria-label={`Select all ${selects} of this page`} />
              </th>
            )}
            {columns.map((column) =>
              typeof column === 'string' ? (
                <th scope="col">{column}</th>
              ) : (
                <th scope="col" class="number">
                  {column.figures}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

/** How many a filter matches, where that is cheap to count. */
export function CountNote({
  count,
  one,
  many,
}: {
  readonly count: CappedCount;
  readonly one: string;
  readonly many: string;
}) {
  const words = countInWords(count);
  return (
    <p class="count">
      <strong>{words}</strong> {words === '1' ? one : many}
    </p>
  );
}

/** What stands below a list that is short or empty, so that nobody takes a part for the whole. */
export function ShortPageNote({ page, many }: { readonly page: ListPage<unknown>; readonly many: string }) {
  const { length } = page.rows;
  if (page.next === null) {
    return length === 0 ? (
      <p class="message">
        There are no {many} that match. <a href="?">Take the filter away</a> to see all that this page has.
      </p>
    ) : null;
  }
  return length === 0 ? <p class="notice">None among those checked so far: the next page continues.</p> : null;
}

/**
 * Leads to the rows after these. Pages are cut by the last row's key and not by a count, so a late page costs what the
 * first does, and rows that come or go shift nothing.
 */
export function Pager({ c, next }: { readonly c: PageContext; readonly next: string | number | null }) {
  const isFirst = c.req.query('after') === undefined;
  if (isFirst && next === null) return null;
  return (
    <nav class="pager" aria-label="Pages">
      {!isFirst && <a href={addressWith(c, { after: null })}>First page</a>}
      {next !== null && (
        <a href={addressWith(c, { after: String(next) })} rel="next" data-key="n">
          Next page
        </a>
      )}
    </nav>
  );
}
