import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Visited, Visitor } from '../support/dashboard.ts';

/** What of /api/openapi.json the tests go by. */
export interface Description {
  readonly paths: Readonly<
    Record<
      string,
      {
        readonly get?: { readonly parameters: readonly Parameter[]; readonly responses: Responses };
        readonly post?: {
          readonly summary: string;
          readonly requestBody: { readonly content: { readonly 'application/json': { readonly schema: BodySchema } } };
          readonly responses: Responses;
        };
      }
    >
  >;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}
/** As the dashboard gives it out. */
export async function readDescription(visitor: Visitor): Promise<Description> {
  return JSON.parse((await visitor.get('/api/openapi.json')).body) as Description;
}

type Responses = Readonly<
  Record<string, { readonly content?: { readonly 'application/json': { readonly schema: object } } }>
>;
export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema: ParameterSchema;
}
export interface ParameterSchema {
  readonly type: string;
  readonly enum?: readonly string[];
  readonly items?: ParameterSchema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
}

/** A JSON Schema, as far as bodies of actions use it. */
export interface BodySchema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly const?: unknown;
  readonly anyOf?: readonly BodySchema[];
  readonly items?: BodySchema;
  readonly minItems?: number;
  readonly properties?: Readonly<Record<string, BodySchema>>;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
}

/** Checks an answer's body by what is described of its path and status. @returns what is wrong, or null */
export function isAsDescribed(
  description: Description,
  { get, post }: { readonly get?: string; readonly post?: string },
  { status, headers, body }: Visited,
): string | null {
  const described = get === undefined ? description.paths[post!]!.post! : description.paths[get]!.get!;
  const response = described.responses[status];
  if (response === undefined) return `${status} is not described`;
  if (response.content === undefined) return body === '' ? null : `${status} has a body`;
  if (!headers.get('content-type')?.startsWith('application/json')) return `it is ${headers.get('content-type')}`;
  const validate = validatorOf(description, response.content['application/json'].schema);
  return validate(JSON.parse(body)) ? null : JSON.stringify(validate.errors).slice(0, 1000);
}

const validators = new Map<object, ValidateFunction>();
function validatorOf({ components }: Description, schema: object): ValidateFunction {
  const ajv = new Ajv2020({
    strict: false,
    formats: { 'date-time': isMoment, uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/ },
  });
  const known = validators.get(schema) ?? ajv.compile({ ...schema, components });
  validators.set(schema, known);
  return known;
}
const isMoment = (text: string): boolean => /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text) && !Number.isNaN(Date.parse(text));
