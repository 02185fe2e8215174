/** What a cell may hold. A moment is written as UTC in ISO 8601; what is null or undefined is an empty cell. */
export type CsvValue = Date | boolean | number | string | null | undefined;

/**
 * A line of CSV (RFC 4180, in UTF-8), with its end: a plain LF, which spreadsheets take as well as `cut` does. One item
 * is one line: a line break inside a cell becomes a space. Whoever needs texts to the letter takes JSON lines.
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

/** Such a text gets an apostrophe before it, which spreadsheets read as "this is text". Numbers of ours are no texts. */
function csvCell(value: CsvValue): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'string') return String(value);
  const text = (formula.test(value) ? `'${value}` : value).replace(/[\r\n\u2028\u2029]+/g, ' ');
  return /[",;\t]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
