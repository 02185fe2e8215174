/** Edits (a character more, less or other, or two swapped) beyond which a word is another one. */
const mostEdits = 3;

/**
 * A remark for whoever wrote a word that isn't one of those that there are: ` Did you mean wont_fix?`, with a space before
 * it; empty where none is like it. Commander says the same of commands and options.
 */
export function didYouMean(written: string, words: readonly string[]): string {
  const typed = plain(written);
  // A part that is only one word's is as good as the word: `fix` of `wont_fix`.
  const holding = words.filter((word) => typed.length > 2 && plain(word).includes(typed));
  const alike = words.map((word) => ({ word, edits: editsBetween(typed, plain(word)) }));
  const least = Math.min(mostEdits, ...alike.map(({ edits }) => edits));
  const nearest = alike
    .filter(({ word, edits }) => edits === least && edits <= 0.6 * Math.max(word.length, typed.length))
    .map(({ word }) => word);
  const meant = nearest.length > 0 ? nearest : holding.length === 1 ? holding : [];
  if (meant.length === 0) return '';
  return ` Did you mean ${meant.length === 1 ? meant[0] : `one of ${meant.join(', ')}`}?`;
}

/** What differs between shell, pages and typing habits is no difference. */
function plain(word: string): string {
  return word.trim().slice(0, 100).toLowerCase().replace(/[\s-]/g, '_');
}

/** The optimal string alignment distance: no part of a word is edited twice. */
function editsBetween(one: string, other: string): number {
  const rows: number[][] = [[...Array(other.length + 1).keys()]];
  for (let i = 1; i <= one.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const isSame = one[i - 1] === other[j - 1];
      const isSwap = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      row.push(
        Math.min(
          rows[i - 1]![j]! + 1,
          row[j - 1]! + 1,
          rows[i - 1]![j - 1]! + (isSame ? 0 : 1),
          isSwap ? rows[i - 2]![j - 2]! + 1 : Infinity,
        ),
      );
    }
    rows.push(row);
  }
  return rows[one.length]![other.length]!;
}
