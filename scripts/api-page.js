// The table of what programs can have done, in docs/api.md: written from the table of actions (scripts/write-docs.js).

const begin = '<!-- actions -->\n';
const end = '<!-- /actions -->';

/**
 * @param {string} page
 * @param {readonly { path: string; summary: string; body: { shape: Record<string, { isOptional(): boolean }> } }[]} actions
 */
export function withActionsTable(page, actions) {
  const [before, rest] = page.split(begin);
  const [, after] = (rest ?? '').split(end);
  if (after === undefined) throw new Error(`docs/api.md has no ${begin.trim()} with ${end} after it`);
  const rows = actions.map(({ path, summary, body }) => `| \`${path}\` | ${summary} | ${fields(body.shape)} |`);
  return [`${before}${begin}| \`POST /api\` + | | body |`, '| --- | --- | --- |', ...rows, `${end}${after}`].join('\n');
}

function fields(shape) {
  return Object.entries(shape)
    .map(([name, schema]) => (schema.isOptional() ? `\`${name}\`?` : `\`${name}\``))
    .join(', ');
}
