import {
  type Audit2021Form,
  formDescriptions,
  formOfLine,
  formOfName,
  openAudit2021Reader,
  WrongHeaderError,
} from '../../domain/imports/audit-2021-files.ts';
import type { Batcher, ReadBatch } from './batcher.ts';
import type { Input } from './open-input.ts';
import { readText, RefusedFileError, type TextForm } from './read-text.ts';
import type { FileTally } from './tally.ts';

/** Reads a file of the audit of 2021, recognised by its name or else by its first lines. */
export function readAudit2021(input: Input, batcher: Batcher, tally: FileTally): AsyncGenerator<ReadBatch> {
  const named = formOfName(input.baseName);
  const recognise = (lines: readonly string[]): TextForm | null => {
    if (named !== null) return textForm(named, input.baseName);
    const shown = lines.map(formOfLine).find((form) => form !== null);
    return shown === undefined ? null : textForm(shown, input.baseName);
  };
  return readText(input, { batcher, tally, recognise });
}

function textForm(form: Audit2021Form, baseName: string): TextForm {
  const readLine = openAudit2021Reader(form, baseName);
  return {
    form: `${form}: ${formDescriptions[form]}`,
    read: (line) => {
      try {
        return readLine(line);
      } catch (error) {
        if (error instanceof WrongHeaderError) throw new RefusedFileError(error.message);
        throw error;
      }
    },
  };
}
