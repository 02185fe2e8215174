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

/**
 * The same inside a text, behind what a spreadsheet may be set to separate cells by: there the comma separates nothing,
 * and quotation marks that stand in the middle of a cell quote nothing. Writers such as csv-stringify only look at how a
 * text begins.
 */
const innerFormula = /([;|\t])(?=[\s"]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/g;

/** Such a text gets an apostrophe before it, which spreadsheets read as "this is text". Numbers of ours are no texts. */
function csvCell(value: CsvValue): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'string') return String(value);
  const begun = formula.test(value) ? `'${value}` : value;
  const text = begun.replace(/[\r\n\u2028\u2029]+/g, ' ').replace(innerFormula, "$1'");
  return /[",;|\t]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
