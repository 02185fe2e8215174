import type { PageContext } from '../environment.ts';

/** Fields of filter forms. Each has the value that the address has, so that a filter can be changed bit by bit. */

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly value: string | undefined;
}

/** Makes what every field has: its name, its label, and its value in the page's own address. */
export function fieldOf(c: PageContext): (name: string, label: string) => FieldProps {
  return (name, label) => ({ name, label, value: c.req.query(name) });
}

interface SelectProps extends FieldProps {
  readonly options: readonly (readonly [value: string, words: string])[];
  /** What no choice means; null where there has to be one. */
  readonly any: string | null;
}

export function SelectField({ name, label, value, options, any }: SelectProps) {
  return (
    <label>
      {label}
      <select name={name}>
        {any !== null && <option value="">{any}</option>}
        {options.map(([each, words]) => (
          <option value={each} selected={each === value}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}

export function TextField({
  name,
  label,
  value,
  hint,
  wide = false,
}: FieldProps & { readonly hint?: string; readonly wide?: boolean }) {
  return (
    <label>
      {label}
      <input name={name} value={value ?? ''} placeholder={hint} size={wide ? 30 : 8} autocomplete="off" />
    </label>
  );
}

export function TickField({ name, label, value }: FieldProps) {
  return (
    <label class="inline">
      <input type="checkbox" name={name} value="1" checked={value === '1'} /> {label}
    </label>
  );
}

/** Words with underscores as people read them. */
export function plainWords(values: readonly string[]): readonly (readonly [string, string])[] {
  return values.map((value) => [value, value.replaceAll('_', ' ')]);
}
