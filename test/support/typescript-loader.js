import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread, threadId } from 'node:worker_threads';

// Lets plain Node run src/ as it is, with `node --import`: processes that tests start don't depend on a build.
if (isMainThread) register(import.meta.url);

/** Loading the compiler takes longer than most of those processes run. */
const cache = new URL('../../.cache/transpiled/', import.meta.url);

/** @type {import('node:module').LoadHook} */
export async function load(url, context, nextLoad) {
  if (!url.startsWith('file:') || !/\.tsx?$/.test(url)) return nextLoad(url, context);
  const text = await readFile(fileURLToPath(url), 'utf8');
  const kept = new URL(`${createHash('sha256').update(url).update('\0').update(text).digest('hex')}.js`, cache);
  const source = await readFile(kept, 'utf8').catch(() => transpile(text, url, kept));
  return { format: 'module', source, shortCircuit: true };
}

async function transpile(text, fileName, kept) {
  const { default: typescript } = await import('typescript');
  const { module, target } = { module: typescript.ModuleKind.ESNext, target: typescript.ScriptTarget.ES2022 };
  const pages = { jsx: typescript.JsxEmit.ReactJSX, jsxImportSource: 'hono/jsx' };
  const compilerOptions = { module, target, verbatimModuleSyntax: true, inlineSourceMap: true, ...pages };
  const { outputText } = typescript.transpileModule(text, { compilerOptions, fileName });
  await mkdir(cache, { recursive: true });
  // Renamed in one step: other processes do the same at the same time.
  const unfinished = new URL(`${kept.pathname.split('/').at(-1)}.${process.pid}-${threadId}`, cache);
  await writeFile(unfinished, outputText);
  await rename(unfinished, kept);
  return outputText;
}
