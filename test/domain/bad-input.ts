import { checkIndex } from '../../src/domain/checks/check-index.ts';
import { checkXml } from '../../src/domain/checks/xml-checks.ts';
import { parseMetadata, UnreadableAnswerError } from '../../src/domain/documents/metadata.ts';
import { anImage, bytes, liveRelease } from './examples.ts';
import { releaseXml, writtenOn } from './xml-examples.ts';

/*
 * Reads documents that somebody made to be read badly, in a process that is given little memory: run by
 * bad-input.test.ts, which sees how it ends. Prints a line each.
 */

const release = liveRelease([anImage(1)]);
const megabyte = 1024 * 1024;

/** A document of so many megabytes, without ever having it as a text as well. */
function filled(megabytes: number, start: string, middle: string, end: string): Buffer {
  const body = Buffer.alloc(megabytes * megabyte, middle);
  body.write(start);
  body.write(end, body.length - Buffer.byteLength(end));
  return body;
}

const indexes: Readonly<Record<string, () => Uint8Array>> = {
  spaces: () => filled(50, '{"images": [', ' ', ']}'),
  numbers: () => filled(50, '{"images": [', '0,', '0]}'),
  'one text': () => filled(50, '{"images": ["', 'a', '"]}'),
  brackets: () => filled(50, '{"images": ', '[', ']}'),
  keys: () => filled(50, '{"images": [], ', '"a":1,', '"a":1}'),
  images: () => filled(50, '{"images": [', '{"id":1},', '{"id":1}]}'),
  'bytes that are no text': () => Buffer.alloc(50 * megabyte, 0xff),
  NUL: () => Buffer.alloc(50 * megabyte),
};
const xmls: Readonly<Record<string, () => Uint8Array>> = {
  'one text': () => bytes(releaseXml.replace('Title &amp; more', 'a'.repeat(10 * megabyte))),
  elements: () => bytes(releaseXml.replace('Title &amp; more', '<a/>'.repeat(400_000))),
  depth: () => bytes(releaseXml.replace('Title &amp; more', '<a>'.repeat(400_000))),
  attributes: () => bytes(releaseXml.replace('<release ', `<release ${'b="c" '.repeat(300_000)}`)),
  references: () => bytes(releaseXml.replace('Title &amp; more', '&amp;'.repeat(380_000))),
  'a bomb of entities': () =>
    bytes(`<!DOCTYPE x [${'<!ENTITY a "aaaaaaaaaa">'.repeat(1000)}]>${releaseXml.replace('&amp;', '&a;')}`),
};
const metadata: Readonly<Record<string, () => unknown>> = {
  'files without end': () => ({ metadata: {}, files: Array.from({ length: 100_000 }, (_, n) => ({ name: `${n}` })) }),
  depth: () => JSON.parse(`${'{"files":'.repeat(5000)}1${'}'.repeat(5000)}`) as unknown,
};

for (const [what, document] of Object.entries(indexes)) {
  process.stdout.write(
    `index of ${what}: ${checkIndex(release, document())
      .map(({ check }) => check)
      .join(', ')}\n`,
  );
}
for (const [what, document] of Object.entries(xmls)) {
  const checks = new Set(
    checkXml(release.key, bytes(releaseXml), document(), writtenOn('2015-01-01')).map(({ check }) => check),
  );
  process.stdout.write(`XML of ${what}: ${[...checks].join(', ')}\n`);
}
for (const [what, document] of Object.entries(metadata)) {
  try {
    parseMetadata(document());
    process.stdout.write(`metadata of ${what}: read\n`);
  } catch (error) {
    if (!(error instanceof UnreadableAnswerError)) throw error;
    process.stdout.write(`metadata of ${what}: cannot be judged\n`);
  }
}
