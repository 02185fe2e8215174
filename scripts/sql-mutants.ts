/** A fault in one line of a statement. */
export interface SqlMutant {
  /** The line, with the one before it: where it stands, whatever else the statement is made of. */
  readonly original: string;
  readonly replacement: string;
}

/** A comparison of two names or values, without a call's arguments. */
const simple = `(?:not )?[\\w.>'()-]+(?: is not distinct from| is distinct from| is not null| is null| <>| <=| >=| <| >| =)(?: [\\w.$:'()]+)?`;

/** One fault each, as a pattern with what it is replaced by, at every place where a line has it. */
const faults: readonly (readonly [RegExp, string])[] = [
  // A condition that isn't looked at.
  [new RegExp(`(?<=\\b(?:where|and|on|when|filter \\(where) )(${simple})(?=[\\s),;]|$)`, 'g'), '($1 or true)'],
  [/(?<=\b(?:where|and|when) )((?:not )?[a-z_.]+)(?= (?:and|or)\b|\s*\)|\s*$)/g, '($1 or true)'],
  [new RegExp(`(?<=\\bor )(${simple})(?=[\\s),;]|$)`, 'g'), '($1 and false)'],
  [/(?<=\b(?:where|and|when|or) )not (?!null|in\b)/g, ''],
  [/(?<=\b(?:where|and|when|or) )(exists \()/g, 'not $1'],
  [/ <= /g, ' < '],
  [/ >= /g, ' > '],
  [/(?<!-) < /g, ' <= '],
  [/(?<![->]) > /g, ' >= '],
  [/ <> /g, ' = '],
  [/ is null/g, ' is not null'],
  [/ is not null/g, ' is null'],
  [/ is distinct from /g, ' is not distinct from '],
  [/ is not distinct from /g, ' is distinct from '],
  [/ desc\b/g, ''],
  [/\bleast\(/g, 'greatest('],
  [/\bgreatest\(/g, 'least('],
  [/\bmin\(/g, 'max('],
  [/\bmax\(/g, 'min('],
  [/\bfor (no key )?update( of \w+)?( skip locked)?/g, ''],
  [/ skip locked/g, ''],
  [/\blimit [$\w:]+/g, ''],
  [/ - (?=\S*(interval|now|\$|\d|[a-z]))/g, ' + '],
  [/ \+ (?=\S)/g, ' - '],
  [/\bcoalesce\(([^(),]+), [^(),]+\)/g, '$1'],
  [/\bcoalesce\([^(),]+, ([^(),]+)\)/g, '$1'],
  [/ nulls first/g, ' nulls last'],
  [/ nulls last/g, ' nulls first'],
  [/\bleft join\b/g, 'join'],
  [/(?<![\w.])true(?!\w)/g, 'false'],
  [/(?<![\w.])false(?!\w)/g, 'true'],
  // What isn't written.
  [/(?<=\bset )\w+ = [^,()]+, /g, ''],
  [/, \w+ = [^,()=]+(?=,|$)/g, ''],
];

/** All faults of a statement's lines. Those that are no SQL any more are known by PostgreSQL's answer. */
export function sqlMutants(statement: string): SqlMutant[] {
  const lines = statement.split('\n');
  return lines.flatMap((line, n) => {
    const before = n === 0 ? '' : `${lines[n - 1]}\n`;
    return [...faultsOf(line)].map((faulty) => ({ original: before + line, replacement: before + faulty }));
  });
}

function* faultsOf(line: string): Iterable<string> {
  if (/^\s*--/.test(line)) return;
  const found = new Set<string>();
  // The whole of a line, which may hold what is too much for the patterns.
  const [, start, condition, end] = /^(\s*(?:(?:where|and|or) ))(.+?)([,;]?)$/.exec(line) ?? [];
  if (condition !== undefined && isBalanced(condition)) {
    found.add(`${start}(${condition} ${/\bor $/.test(start!) ? 'and false' : 'or true'})${end}`);
  }
  if (/^\s*\w+ = .*,$/.test(line) && isBalanced(line)) found.add('');
  for (const [pattern, replacement] of faults) {
    for (const nth of [...line.matchAll(pattern)].keys()) {
      let at = -1;
      const changed = line.replace(pattern, (match: string, first: unknown) => {
        at += 1;
        return at === nth ? replacement.replace('$1', String(first)) : match;
      });
      if (changed !== line) found.add(changed);
    }
  }
  // Elsewhere it writes a value.
  if (/^\s*(where|and|or|on|when|join|left join)\b/.test(line)) found.add(line.replace(' = ', ' <> '));
  found.delete(line);
  yield* found;
}

function isBalanced(text: string): boolean {
  let depth = 0;
  for (const char of text) {
    if (char === '(') depth += 1;
    if (char === ')') depth -= 1;
    if (depth < 0) return false;
  }
  return depth === 0;
}
