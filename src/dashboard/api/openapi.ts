import { askedFields, choicesOf, type Choosable, type Field, versionPattern } from '../../database/lists/fields.ts';
import type { Column } from '../../database/lists/list.ts';
import { z } from 'zod';
import { bulkActionInJson } from './actions/bulk.ts';
import type { ApiAction } from './api-action.ts';
import {
  columnSchemas,
  counted,
  anything,
  arrayOf,
  boolean,
  integer,
  mbid,
  moment,
  orNull,
  string,
  type Schema,
} from './column-schemas.ts';
import { version } from '../../version.ts';
import { agePattern, sinceLooksLike } from '../../wording/time.ts';

/** Rows of one answer. */
export const mostRows = 1_000;

/** The lists that programs read. */
export const listPaths = ['entities', 'events', 'findings', 'record', 'reviews'] as const;

/** What is said of a list. */
type Described = Choosable & {
  readonly many: string;
  readonly order: string;
  readonly columns: readonly Pick<Column<never>, 'name'>[];
};

function rowOf({ columns }: Described): Schema {
  const names = columns.map(({ name }) => name);
  return {
    type: 'object',
    required: names,
    additionalProperties: false,
    properties: Object.fromEntries(names.map((name) => [name, columnSchemas[name] ?? anything])),
  };
}

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required?: true;
  readonly description: string;
  readonly schema: Schema;
}

function parameterOf(list: Choosable, key: string, { parameter, kind, help }: Field<unknown>): Parameter {
  const words = { type: 'string', enum: choicesOf(list, key, kind) };
  const schemas: Readonly<Record<typeof kind.type, Schema>> = {
    age: { type: 'string', pattern: agePattern.source },
    entity: { type: 'string', description: 'An MBID, or the address of a release, an event or their item' },
    one_of: words,
    some_of: arrayOf(words),
    text: { type: 'string', maxLength: kind.most },
    version: { type: 'string', pattern: versionPattern.source },
    whole_number: { type: 'integer', minimum: 0, maximum: kind.most },
    yes: { type: 'string', enum: ['1'] },
  };
  return { name: parameter, in: 'query', description: help, schema: schemas[kind.type] };
}

const paging: readonly Parameter[] = [
  { name: 'after', in: 'query', description: '`next` of the page before', schema: { type: 'string', maxLength: 1000 } },
  {
    name: 'limit',
    in: 'query',
    description: 'Rows of this answer at most; as many as a page of the dashboard has where not given',
    schema: { type: 'integer', minimum: 1, maximum: mostRows },
  },
];

const failures: Readonly<Record<string, string>> = {
  400: 'A parameter has a value that it can’t take; `details` names it',
  401: 'Nobody is logged in',
  403: 'Whoever asks may not see the dashboard',
  404: 'There is no such thing',
  503: 'The database is away, or took longer than a statement may',
};

const failuresOfActions: typeof failures = {
  ...failures,
  400: 'A field of the body has a value that it can’t take; `details` names each',
  403: 'Whoever asks may change nothing, or another site sent it',
  409: 'It can’t be done to what is there now, which may have changed since it was read; nothing was changed',
  413: 'The body is larger than 1 MiB',
  415: 'The content type is not application/json',
  503: 'The database or Temporal is away, or took longer than it may',
};

const failure = { $ref: '#/components/schemas/Failure' };

/** A GET that answers with what the schema says. */
function reading(summary: string, schema: Schema, parameters: readonly Parameter[] = []): Schema {
  return {
    get: {
      summary,
      parameters,
      responses: {
        200: json('As it is now', schema),
        304: { description: 'As the entity tag in If-None-Match says' },
        ...Object.fromEntries(Object.entries(failures).map(([status, what]) => [status, json(what, failure)])),
      },
    },
  };
}

/** A POST that has something done. */
function doing({ summary, body, answer }: Pick<ApiAction, 'answer' | 'body' | 'summary'>): Schema {
  return {
    post: {
      summary,
      requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body, 'input') } } },
      responses: {
        200: json('What was done', schemaOf(answer, 'output')),
        ...Object.fromEntries(Object.entries(failuresOfActions).map(([status, what]) => [status, json(what, failure)])),
      },
    },
  };
}

function schemaOf(of: z.ZodType, io: 'input' | 'output'): Schema {
  const { $schema: _, ...schema } = z.toJSONSchema(of, { io });
  return schema;
}

const json = (what: string, of: Schema): Schema => ({
  description: what,
  content: { 'application/json': { schema: of } },
});

/**
 * The description of what programs read, and have done, as OpenAPI 3.1: from the tables of the lists, as page, files and
 * shell are, and from that of the actions.
 */
export function describeApi(
  lists: Readonly<Record<(typeof listPaths)[number], Described>>,
  actions: readonly ApiAction[],
): object {
  const rows = (path: (typeof listPaths)[number]): Schema => ({ $ref: `#/components/schemas/${path}` });
  const listReadings = listPaths.map((path) => {
    const list = lists[path];
    const answer: Schema = {
      type: 'object',
      required: ['rows', 'next'],
      additionalProperties: false,
      properties: {
        rows: arrayOf(rows(path)),
        next: { ...orNull(string), description: '`after` of the next page; null where there is none' },
      },
    };
    const fields = askedFields(list.fields).map(([key, field]) => parameterOf(list, key, field));
    return [`/api/${path}`, reading(`${list.many}, ${list.order}`, answer, [...fields, ...paging])] as const;
  });
  const bulkAction = schemaOf(z.strictObject(bulkActionInJson), 'output');
  const entity: Schema = {
    type: 'object',
    required: ['entity_type', 'mbid', 'name', 'entity', 'newest_audit', 'reviews', 'events'],
    additionalProperties: false,
    properties: {
      entity_type: string,
      mbid,
      name: orNull({
        type: 'object',
        required: ['name', 'artist', 'merged_into'],
        properties: { name: string, artist: orNull(string), merged_into: orNull(mbid) },
      }),
      entity: orNull(rows('entities')),
      newest_audit: orNull(rows('findings')),
      reviews: arrayOf(rows('reviews')),
      events: arrayOf(rows('events')),
    },
  };
  const named: Parameter = {
    name: 'mbid',
    in: 'path',
    required: true,
    description: 'Of a release or an event; one that was merged leads to what it was merged into',
    schema: mbid,
  };
  return {
    openapi: '3.1.0',
    info: {
      title: 'artwork-reconciler',
      version,
      description:
        'What programs read of it, and can have done. Who may see the dashboard may read it; what is sent by POST ' +
        'changes something, is for operators, and is recorded with their name.',
      license: { name: 'GPL-2.0-or-later', identifier: 'GPL-2.0-or-later' },
    },
    paths: {
      ...Object.fromEntries(listReadings),
      ...Object.fromEntries(actions.map((action) => [`/api${action.path}`, doing(action)])),
      '/api/bulk/{id}': reading('One bulk action: what it is about, and how far it is', bulkAction, [
        { name: 'id', in: 'path', required: true, description: 'As the answer to its dry run has it', schema: mbid },
      ]),
      '/api/entities/{mbid}': reading('One entity: how it stands, its newest audit, its reviews and events', entity, [
        named,
      ]),
      '/api/figures': reading('How everything stands, as the overview shows it', {
        type: 'object',
        required: ['events', 'entities', 'pace', 'brakes', 'mode', 'last_hour', 'last_day', 'waiting'],
      }),
      '/api/work': reading(
        'What was done since a moment, and by whom',
        {
          type: 'object',
          required: ['since', 'requests', 'events', 'audits', 'repairs', 'reviews', 'is_part'],
          additionalProperties: false,
          properties: {
            since: moment,
            requests: arrayOf(counted('service', 'kind', 'answer')),
            events: arrayOf(counted('outcome')),
            audits: arrayOf(counted('decision')),
            repairs: arrayOf(counted('check')),
            reviews: arrayOf(counted('person')),
            is_part: boolean,
          },
        },
        [
          {
            name: 'since',
            in: 'query',
            description: `${sinceLooksLike}; a day ago where not given`,
            schema: { type: 'string', pattern: '^([1-9][0-9]?[hd]|today|yesterday)$' },
          },
        ],
      ),
      '/api/plan': reading('What repair mode would queue from what report mode has found', {
        type: 'object',
        required: ['entities', 'is_part', 'events', 'images_copied', 'images_deleted', 'requests', 'checks'],
      }),
    },
    components: {
      schemas: {
        ...Object.fromEntries(listPaths.map((path) => [path, rowOf(lists[path])])),
        Failure: {
          type: 'object',
          required: ['error'],
          properties: {
            error: {
              type: 'object',
              required: ['status', 'title', 'message', 'details'],
              properties: { status: integer, title: string, message: string, details: arrayOf(string) },
            },
          },
        },
      },
    },
  };
}
