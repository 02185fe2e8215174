import type { z } from 'zod';
import { readAtStartOnly } from './changes.ts';
import { parseIni } from './ini.ts';
import { environmentVariable, inCode, schema, type SectionName, sectionNames } from './schema.ts';
import { policyVariable } from './value-types.ts';

/**
 * The docs page of the configuration, in Markdown: every key with its default, what it takes, its environment variable,
 * and how a change gets in force. A test compares it with docs/configuration.md.
 *
 * @param defaultFile config.default.ini, whose comments explain the keys
 */
export function configurationPage(defaultFile: string): string {
  const comments = commentsOf(defaultFile);
  const { entries } = parseIni(defaultFile);
  const sections = [...sectionNames, 'policy' as const].flatMap((section) => [
    `## [${section}]`,
    '',
    ...(section === 'policy' ? policyHead(comments) : settingHead),
    ...entries
      .filter((entry) => entry.section === section)
      .map(({ key, value, line }) =>
        section === 'policy'
          ? cells([code(key), code(value), code(policyVariable(key))])
          : cells([
              code(key),
              code(value),
              takes(section, key),
              code(environmentVariable(section, key)),
              inForce(section, key),
              comments.get(line) ?? '',
            ]),
      ),
    '',
  ]);
  return [...head, ...sections].join('\n');
}

const head = [
  '# Configuration',
  '',
  'This page is written from [config.default.ini](../config.default.ini) and the schema in the code; change it there.',
  '',
  'A file of your own, `config.ini` in the working folder or the one that `--config` names, needs only what differs from the',
  'defaults. Each key has an environment variable, which goes before the file. A key that doesn’t exist is an error, and so is',
  'a value that its key can’t take: the error names the key, what it got and what it takes, and nothing is started.',
  '',
  'The form is artwork-indexer’s: a value is on one line and stands there without quotes, comments are on separate lines,',
  'and `%%` stands for `%`. A key without a value has its default. Durations may have fractions.',
  '',
  '**In force** says how a change of the file gets there. `SIGHUP`: worker and dashboard read the file again and log what',
  'changed, secrets by name only; a file with an error changes nothing. `restart`: only a new start reads it, and the log',
  'says so.',
  'Whatever comes from the environment needs a restart, since nobody can change the environment of a process that runs.',
  'Other commands read everything when they start.',
  '',
  'Where Temporal is, Temporal’s own variables say: `TEMPORAL_ADDRESS` (default `localhost:7233`), `TEMPORAL_NAMESPACE`',
  '(`default`), `TEMPORAL_API_KEY`, `TEMPORAL_TLS…`, or a profile in Temporal’s configuration file (`TEMPORAL_CONFIG_FILE`,',
  '`TEMPORAL_PROFILE`).',
  '',
];

const settingHead = ['| key | default | takes | environment | in force | |', '| --- | --- | --- | --- | --- | --- |'];

/** What stands above the first check says it for all of them. */
function policyHead(comments: ReadonlyMap<number, string>): string[] {
  const about = [...comments.values()].at(-1) ?? '';
  return [
    `${about} [checks.md](checks.md) says of each check what it takes, and why.`,
    '',
    '| check | default | environment |',
    '| --- | --- | --- |',
  ];
}

/** The comment right above a key, by the key's line. What a comment says of several keys stands at the first of them. */
function commentsOf(file: string): Map<number, string> {
  const comments = new Map<number, string>();
  let comment: string[] = [];
  for (const [at, line] of file.split('\n').entries()) {
    if (line.startsWith('#')) comment.push(line.replace(/^#\s?/, ''));
    else {
      if (comment.length > 0 && line.includes('=')) comments.set(at + 1, comment.join(' '));
      comment = [];
    }
  }
  return comments;
}

/** What hardly any key takes: the answer says what the key takes, in the words of its error. */
const impossible = ['\u0001', '*'];

function takes(section: SectionName, key: string): string {
  const type = (schema.shape[section].shape as Record<string, z.ZodType>)[inCode(key)]!;
  const [message] = impossible.flatMap((value) => type.safeParse(value).error?.issues[0]?.message ?? []);
  if (message !== undefined) return message.replace(/, and there is no check .*/, ', with commas between them');
  return Array.isArray(type.parse('a')) ? 'names, with commas between them' : 'a text';
}

function inForce(section: SectionName, key: string): string {
  const reader = section === 'dashboard' ? 'dashboard' : 'worker';
  return readAtStartOnly(reader, `[${section}] ${key}: `) ? 'restart' : 'SIGHUP';
}

function code(text: string): string {
  return text === '' ? '' : `\`${text}\``;
}

function cells(texts: readonly string[]): string {
  return `| ${texts.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
}
