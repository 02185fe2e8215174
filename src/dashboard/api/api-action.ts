import type { Hono } from 'hono';
import { z } from 'zod';
import { parseRowId } from '../../database/row-id.ts';
import { jsonText } from '../../domain/json-text.ts';
import type { DashboardEnv, PageContext } from '../environment.ts';
import { badAddress, badInput } from '../refusals.ts';

/** Something that a program can have done: `POST /api/{path}` with a body in JSON. Operators only, as for forms. */
export interface ApiAction {
  /** Below `/api`. What it is about is said in the body. */
  readonly path: `/${string}`;
  /** What it does, as the API's description and docs/api.md say it: without a full stop. */
  readonly summary: string;
  readonly body: z.ZodObject;
  readonly answer: z.ZodObject;
  /** @throws {Refusal} where it is not done: nothing was changed then */
  readonly run: (c: PageContext, body: never) => Promise<object>;
}

/** An entry of the table of actions, with its body and answer as the schemas say them. */
export function apiAction<Body extends z.ZodRawShape, Answer extends z.ZodRawShape>(action: {
  readonly path: ApiAction['path'];
  readonly summary: string;
  /** Fields of the body; kinds are those of parameters (`src/dashboard/forms/parameters.ts`), and the ones below. */
  readonly body: Body;
  /** Members of the answer, in snake_case. */
  readonly answer: Answer;
  readonly run: (
    c: PageContext,
    body: z.output<z.ZodObject<Body, z.core.$strict>>,
  ) => Promise<z.input<z.ZodObject<Answer, z.core.$strict>>>;
}): ApiAction {
  return { ...action, body: z.strictObject(action.body), answer: z.strictObject(action.answer) };
}

/** The number of a row; one above 2^53 as a text, as answers have it. */
export function rowNumber() {
  const error = 'the number of a row';
  return z
    .union([z.int({ error }).min(1, error), z.string({ error }).regex(/^[1-9]\d{0,18}$/, error)], { error })
    .transform((value) => parseRowId(String(value)))
    .refine((id): id is number => id !== null, error);
}

/** Numbers of rows, one at least. */
export function rowNumbers(most: number) {
  const error = `a list of 1 to ${most.toLocaleString('en')} numbers of rows`;
  return z.array(rowNumber(), { error }).min(1, error).max(most, error);
}

/** The number of a row of an answer. */
export const numberInJson = z.union([z.int(), z.string()]);

/** A moment of an answer. */
export const momentInJson = z.iso.datetime();

/** Has each action answer at its path. */
export function mountActions(api: Hono<DashboardEnv>, actions: readonly ApiAction[]): void {
  for (const { path, body, run } of actions) {
    api.post(path, async (c) => c.json(await run(c, (await readBody(c, body)) as never)));
  }
}

/** @throws {Refusal} 400, naming each field that has a value it can't take */
async function readBody<Schema extends z.ZodObject>(c: PageContext, schema: Schema): Promise<z.output<Schema>> {
  const input = parseJson(await c.req.text());
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw badInput(parsed.error.issues.map((issue) => ({ name: 'body', text: inWords(issue, input), isField: false })));
}

function parseJson(text: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw badAddress('body', 'the body is no JSON');
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw badAddress('body', 'the body takes a JSON object, of the fields that /api/openapi.json names');
}

function inWords(issue: z.core.$ZodIssue, input: object): string {
  const name = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const others = issue.keys.map((key) => JSON.stringify(key.slice(0, 200))).join(', ');
    return `${name === '' ? 'the body' : name} has no field ${others}`;
  }
  const found = issue.path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown>)?.[key], input);
  const got = found === undefined ? 'nothing' : jsonText(found).slice(0, 200);
  return `${name} takes ${issue.message}; it got ${got}`;
}
