/** A JSON Schema, as OpenAPI 3.1 has them. */
export type Schema = Readonly<Record<string, unknown>>;

export const string: Schema = { type: 'string' };
export const integer: Schema = { type: 'integer' };
export const boolean: Schema = { type: 'boolean' };
export const moment: Schema = { type: 'string', format: 'date-time' };
export const mbid: Schema = { type: 'string', format: 'uuid' };
/** One above 2^53, which somebody gave a row by hand, comes as a text: JSON's numbers are not exact there. */
const id: Schema = { type: ['integer', 'string'], pattern: '^[0-9]+$' };
export const anything: Schema = {};
export const arrayOf = (items: Schema): Schema => ({ type: 'array', items });
export const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] });

export function counted(...names: readonly string[]): Schema {
  return {
    type: 'object',
    required: [...names, 'count'],
    additionalProperties: false,
    properties: { ...Object.fromEntries(names.map((name) => [name, string])), count: integer },
  };
}

/** What a column holds, by its name: a name means the same in every list. */
export const columnSchemas: Readonly<Record<string, Schema>> = {
  action: string,
  actor: string,
  after: { description: 'What it was made' },
  artist: orNull(string),
  at: moment,
  attempts: integer,
  audiences: arrayOf(string),
  audit: id,
  before: { description: 'What it was' },
  can_be_undone: boolean,
  checks: arrayOf(string),
  claimed_at: orNull(moment),
  created_at: moment,
  decided_at: moment,
  decision: string,
  depends_on: arrayOf(id),
  dismissed: boolean,
  due_at: orNull(moment),
  due_cause: orNull(string),
  entity_status: string,
  entity_type: string,
  findings: arrayOf({
    type: 'object',
    required: ['check', 'count', 'examples'],
    properties: { check: string, count: integer, examples: arrayOf({ type: 'object' }) },
  }),
  group: string,
  handed_over_at: orNull(moment),
  handed_over_to: orNull(string),
  id,
  identity: string,
  instead_of_undo: orNull(string),
  last_audit_at: orNull(moment),
  last_reason: orNull(string),
  mbid,
  message: { description: 'As the trigger wrote it; an object, unless somebody else did' },
  mode: string,
  name: orNull(string),
  note: orNull(string),
  origin: string,
  priority: integer,
  reasons: arrayOf({
    type: 'object',
    required: ['check', 'reason', 'count', 'examples'],
    properties: {
      check: orNull(string),
      reason: string,
      count: orNull(integer),
      examples: arrayOf({ type: 'object' }),
    },
  }),
  regressed: boolean,
  resolution_notes: orNull(string),
  resolved_at: orNull(moment),
  resolved_by: orNull(string),
  state: string,
  status: string,
  target: string,
  ticket: orNull(string),
  updated_at: moment,
};
