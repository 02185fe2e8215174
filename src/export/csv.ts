import type { Column } from '../database/lists/list.ts';

/** What a cell may hold. A moment is written as UTC in ISO 8601; what is null or undefined is an empty cell. */
export type CsvValue = Date | boolean | number | string | null | undefined;

/**
 * A line of CSV (RFC 4180, in UTF-8), with its end: a plain LF, which spreadsheets take as well as `cut` does. One item
 * is one line: a line break inside a cell becomes a space. Nor does it hold what a terminal obeys instead of showing. Whoever
 * needs texts to the letter takes JSON lines.
 */
export function csvLine(values: readonly CsvValue[]): string {
  return `${values.map(csvCell).join(',')}\n`;
}

/**
 * How a text begins that a spreadsheet takes for a formula, which could fetch an address or start a program on the
 * machine of whoever opens the file. Texts come from the archive, where anybody uploads. Source: OWASP, "CSV Injection"
 * (its full-width forms included); a spreadsheet may drop white space before it looks.
 */
const formula = /^\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|^[\t\r]/;

/**
 * The same inside a text, behind what a spreadsheet may be set to separate cells by: there the comma separates nothing,
 * and quotation marks that stand in the middle of a cell quote nothing. Writers such as csv-stringify only look at how a
 * text begins.
 */
const innerFormula = /([;|\t])(?=[\s"]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/g;

/** Control characters but for tabs and line breaks: a file that is shown in a terminal would clear it, or forge a line. */
export const controls = /(?![\t\r\n])\p{Cc}/gu;

/** Such a text gets an apostrophe before it, which spreadsheets read as "this is text". Numbers of ours are no texts. */
function csvCell(value: CsvValue): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'string') return String(value);
  const begun = formula.test(value) ? `'${value}` : value;
  const text = begun
    .replace(/[\r\n\u2028\u2029]+/g, ' ')
    .replace(controls, '\ufffd')
    .replace(innerFormula, "$1'");
  return /[",;|\t]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A line of JSON lines, with its end: one value whatever it holds, as JSON has line breaks only as `\n` in texts. */
export function jsonLine(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

/** The first line of a list as CSV. */
export function headOf<Row>(columns: readonly Column<Row>[]): string {
  return csvLine(columns.map(({ name }) => name));
}

/** A row of a list as a line, with its end. */
export function lineOf<Row>(form: 'csv' | 'json', columns: readonly Column<Row>[], row: Row): string {
  if (form === 'json') return jsonLine(rowInJson(columns, row));
  return csvLine(columns.map(({ value, cell }) => (cell === undefined ? cellOf(value(row)) : cell(row))));
}

/** A row of a list as a program reads it, from commands and pages alike. */
export function rowInJson<Row>(columns: readonly Column<Row>[], row: Row): Record<string, unknown> {
  return Object.fromEntries(columns.map(({ name, value }) => [name, value(row)]));
}

/** A value in a cell: several are set apart by `; `, and what has members is JSON. */
function cellOf(value: unknown): CsvValue {
  if (value === null || value === undefined || value instanceof Date) return value;
  if (Array.isArray(value) && value.every((each) => typeof each !== 'object')) return value.join('; ');
  return typeof value === 'object' ? JSON.stringify(value) : (value as boolean | number | string);
}

/** A value of ours with its keys as JSON has them; keys that are data already, such as statuses, stay as they are. */
export function inSnakeCase(value: unknown): object {
  const convert = (each: unknown): unknown => {
    if (Array.isArray(each)) return each.map(convert);
    if (each === null || typeof each !== 'object' || each instanceof Date) return each;
    return Object.fromEntries(
      Object.entries(each).map(([key, member]) => [
        key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
        convert(member),
      ]),
    );
  };
  return convert(value) as object;
}
