// Where the sources spell out an entity type or the name of an art archive. Both have one place, src/domain/entity.ts.
import ts from 'typescript';

const words = /^(?:release|event|caa|eaa)$/;
/** As a value of SQL in a longer text. What follows an arrow is a key of JSON. */
const inSql = /(?<!->>?)'(release|event|caa|eaa)'/g;

/** What may say them: the facts themselves, and what stands for MusicBrainz, the archive or an operator's deployment. */
const exempt = /^src\/(?:domain\/entity\.ts$|simulator\/|demo\/)/;

/**
 * Where the same words are no entity type, by file, with what they are there. An event is also what waits in the queue.
 *
 * @type {Readonly<Record<string, { readonly words: readonly string[]; readonly are: string }>>}
 */
export const otherMeanings = {
  'src/commands/events/requeue-dismiss.ts': { words: ['event'], are: "the queue's event, in what is printed of one" },
  'src/commands/row-outcomes.ts': { words: ['event'], are: "the queue's event, in what is printed of one" },
  'src/commands/schedule/change.ts': { words: ['release'], are: 'the command that takes a brake off' },
  'src/dashboard/bulk/kinds.ts': { words: ['event'], are: "the queue's event, in the words of a page" },
  'src/dashboard/pages/entity/routes.tsx': { words: ['event'], are: "the queue's event, in an entity's history" },
  'src/dashboard/pages/find/routes.tsx': { words: ['event'], are: "the queue's event, in what is searched for" },
  'src/dashboard/pages/record/operator-actions.tsx': {
    words: ['event'],
    are: "the queue's event, in a record's target",
  },
  'src/database/audits/entity-history.ts': { words: ['event'], are: "the queue's event, in an entity's history" },
  'src/database/queue/list-events.ts': { words: ['event'], are: "the queue's event, in words of its list" },
  'src/domain/documents/xml-shapes.ts': { words: ['release'], are: 'an element of the XML' },
  'src/monitoring/monitor.ts': { words: ['event'], are: "the queue's event, in a metric's label" },
  'src/workflows/housekeeping.ts': { words: ['release'], are: 'the step that releases what nobody works on' },
};

/**
 * The entity types and archives that a source file spells out, each with its line.
 *
 * @param {string} file its path below the project's root
 * @param {string} text
 * @param {Readonly<Record<string, { readonly words: readonly string[] }>>} others where the words mean something else
 * @returns {{ line: number; word: string }[]}
 */
export function findEntityLiterals(file, text, others = otherMeanings) {
  if (exempt.test(file)) return [];
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  /** @type {{ line: number; word: string }[]} */
  const found = [];
  const visit = (/** @type {ts.Node} */ node) => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) {
      const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      if (words.test(node.text)) found.push({ line, word: node.text });
      for (const [, word = ''] of node.text.matchAll(inSql)) found.push({ line, word });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found.filter(({ word }) => !others[file]?.words.includes(word));
}
