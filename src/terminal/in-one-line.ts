/** An error's message; where it has none, as with several addresses that all refused, that of the first inside it. */
export function inOneLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.message === '' && error instanceof AggregateError && error.errors.length > 0)
    return inOneLine(error.errors[0]);
  const message = error.message.trim() || (error as NodeJS.ErrnoException).code || error.name;
  return message.replace(/\s*\n\s*/g, ' ');
}
