import type { PropsWithChildren } from 'hono/jsx';
import { entityTypes, projects } from '../../domain/entity.ts';
import type { PageContext, RefusedForm } from '../environment.ts';
import type { Problem } from '../refusals.ts';

/** The form of a list's filter. */
export const filterForm = 'filters';

/** The search field of every page, and the page that answers it. */
export const findForm = 'find';
export const findPath = '/find';

/** The form by which the page at an address is chosen, where that isn't the filter of a list. */
export const formOfPage: ReadonlyMap<string, string> = new Map([
  [findPath, findForm],
  ['/', 'work-span'],
]);

/** The form of this id as it was sent, where this page shows it again because it was refused; else null. */
export function refusedForm(c: PageContext, form: string): RefusedForm | null {
  const { refused } = c.var;
  return refused?.form === form ? refused : null;
}

/** What was sent of a field that is shown again; null where the form was not refused, and the field has its standard. */
export function sentOf(c: PageContext, form: string, name: string): readonly string[] | null {
  const refused = refusedForm(c, form);
  return refused === null ? null : (refused.sent.get(name) ?? []);
}

/** The same of a box or a button: whether it was chosen. */
export function wasSent(c: PageContext, form: string, name: string, value: string, standard: boolean): boolean {
  return sentOf(c, form, name)?.includes(value) ?? standard;
}

/** What a field of a form is found by: in links to it, and by its message. */
function idOf(form: string, name: string): string {
  return `${form}-${name}`;
}

function problemOf(c: PageContext, form: string, name: string): Problem | null {
  const { problems } = refusedForm(c, form)?.refusal ?? { problems: [] };
  return problems.find((problem) => problem.isField && problem.name === name) ?? null;
}

/** The attributes of a field: where its value was refused, those that tie it to the message, and the first has the focus. */
export function attributesOf(c: PageContext, form: string, name: string) {
  const id = idOf(form, name);
  const problem = problemOf(c, form, name);
  if (problem === null) return { id };
  const isFirst = firstField(refusedForm(c, form)!) === problem;
  return { id, 'aria-invalid': 'true', 'aria-describedby': `${id}-problem`, autofocus: isFirst } as const;
}

function firstField({ refusal }: RefusedForm): Problem | undefined {
  return refusal.problems.find(({ isField }) => isField);
}

interface FieldProps {
  readonly c: PageContext;
  /** The id of the form. */
  readonly form: string;
  readonly name: string;
}

/** What is wrong with the value of a field, to stand right after it; nothing where nothing is. */
export function FieldProblem({ c, form, name }: FieldProps) {
  const problem = problemOf(c, form, name);
  if (problem === null) return null;
  // Who reads it at the field knows which one is meant.
  const text = problem.text.startsWith(`${name} `) ? problem.text.slice(name.length + 1) : problem.text;
  return (
    <span class="problem" id={`${idOf(form, name)}-problem`}>
      {text.charAt(0).toUpperCase() + text.slice(1)}
    </span>
  );
}

interface ChoiceProps extends FieldProps {
  readonly type: 'checkbox' | 'radio';
  readonly value: string;
  /** Whether it is chosen at first. */
  readonly standard?: boolean;
  /** Whether one of the name has to be chosen. */
  readonly required?: boolean;
  /** Whether the message about the name is at this one: it is the only one of the name, or the first. */
  readonly isFirst?: boolean;
}

/** A box, or one of several buttons, with its words. */
export function Choice({
  c,
  form,
  name,
  type,
  value,
  standard = false,
  required = false,
  isFirst = true,
  children,
}: PropsWithChildren<ChoiceProps>) {
  return (
    <label class="inline">
      <input
        type={type}
        name={name}
        value={value}
        checked={wasSent(c, form, name, value, standard)}
        required={required}
        {...(isFirst && attributesOf(c, form, name))}
      />{' '}
      {children}
    </label>
  );
}

interface NoteFieldProps {
  readonly c: PageContext;
  readonly form: string;
  readonly label: string;
  readonly most: number;
  /** What stands in it at first. */
  readonly text?: string;
  /** Whether nothing is done without it. */
  readonly isNeeded?: boolean;
  /** Of several lines, with the keys of a note of which much is written. */
  readonly isLong?: boolean;
}

/** The note of an operator, of whatever form. */
export function NoteField({ c, form, label, most, text = '', isNeeded = false, isLong = false }: NoteFieldProps) {
  const value = sentOf(c, form, 'note')?.[0] ?? text;
  const attributes = { name: 'note', maxlength: most, required: isNeeded, ...attributesOf(c, form, 'note') };
  return (
    <div class={isLong ? 'field note' : 'field'}>
      <label>
        {label}{' '}
        {isLong ? (
          <textarea data-note {...attributes}>
            {value}
          </textarea>
        ) : (
          <input autocomplete="off" value={value} {...attributes} />
        )}
      </label>
      <FieldProblem c={c} form={form} name="note" />
    </div>
  );
}

/**
 * Above a page that shows a form again: that nothing was done, and each thing that is wrong, leading to its field. Has
 * the focus where no field has it.
 */
export function RefusedNotice({ c }: { readonly c: PageContext }) {
  const { refused } = c.var;
  if (refused === undefined) return null;
  const { refusal, form } = refused;
  return (
    <div
      class="notice bad"
      id="refused"
      role="alert"
      tabindex={-1}
      {...(firstField(refused) === undefined && { autofocus: true })}
    >
      <p>
        <strong>{refusal.title}.</strong> {refusal.message}
      </p>
      {refusal.problems.length > 0 && (
        <ul>
          {refusal.problems.map(({ name, text, isField }) => (
            <li>{isField ? <a href={`#${idOf(form, name)}`}>{text}</a> : text}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Narrows what a form does to one entity type. */
export function EntityTypeField({ c, form }: Pick<FieldProps, 'c' | 'form'>) {
  return (
    <div class="field">
      <label>
        Of{' '}
        <select name="entity_type" {...attributesOf(c, form, 'entity_type')}>
          <option value="">all</option>
          {entityTypes.map((type) => (
            <option value={type} selected={wasSent(c, form, 'entity_type', type, false)}>
              the {projects[type].archive}
            </option>
          ))}
        </select>
      </label>
      <FieldProblem c={c} form={form} name="entity_type" />
    </div>
  );
}
