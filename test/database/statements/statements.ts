import { resolve } from 'node:path';
import { Sql } from 'sql-template-tag';
import ts from 'typescript';
import { possibleValues } from './possible-values.ts';
import { Program } from './program.ts';
import { Unknown, UnresolvedError } from './values.ts';

const root = resolve(import.meta.dirname, '../../..');

/** A place where a statement is run. */
export interface Statement {
  /** The file below the project's root, and the function. */
  readonly within: string;
  readonly line: number;
  /** All texts that it can have; none where `untold` says why. */
  readonly texts: readonly string[];
  readonly untold: string | null;
  /** What its rows are said to be; null where nothing is said, or only whoever calls the function says it. */
  readonly row: RowType | null;
  /** Constants of the program that are sent as values: texts that were meant to stand in the statement, without `raw`. */
  readonly boundConstants: readonly string[];
}

/** What is said of a result's columns, by name. */
export type RowType = ReadonlyMap<string, ts.Type>;

export interface Found {
  readonly checker: ts.TypeChecker;
  readonly statements: readonly Statement[];
  /** What the rows of each list are said to be, by the name of the constant. */
  readonly lists: ReadonlyMap<string, RowType>;
}

/** All statements of the program, as its text has them. */
export function findStatements(): Found {
  const config = ts.parseJsonConfigFileContent(
    ts.readConfigFile(resolve(root, 'tsconfig.json'), (name) => ts.sys.readFile(name)).config,
    ts.sys,
    root,
  );
  const isOurs = (name: string): boolean => name.startsWith(`${root}/src/`);
  const compiled = ts.createProgram(config.fileNames.filter(isOurs), config.options);
  const program = new Program(compiled, (file) => isOurs(file.fileName));
  const statements: Statement[] = [];
  const lists = new Map<string, RowType>();
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && isQuery(program, node)) statements.push(statementOf(program, node));
    if (ts.isVariableDeclaration(node) && node.type !== undefined && ts.isTypeReferenceNode(node.type)) {
      const [row] = node.type.typeArguments ?? [];
      if (node.type.typeName.getText() === 'List' && row) lists.set(node.name.getText(), rowType(program, row));
    }
    ts.forEachChild(node, visit);
  };
  for (const file of program.files) visit(file);
  return { checker: program.checker, statements, lists };
}

/** By what is called, not by its name: Temporal and Hono have a `query`, too. */
function isQuery(program: Program, { expression }: ts.CallExpression): boolean {
  if (!ts.isPropertyAccessExpression(expression) || expression.name.text !== 'query') return false;
  const declared = program.symbolOf(expression)?.declarations?.[0]?.getSourceFile().fileName ?? '';
  return declared.endsWith('/src/database/connection.ts') || declared.includes('/@types/pg/');
}

function statementOf(program: Program, call: ts.CallExpression): Statement {
  const file = call.getSourceFile();
  const text = call.arguments[0]!;
  let texts: readonly string[] = [];
  let untold: string | null = null;
  try {
    texts = [...new Set(possibleValues(program, text, textOf))];
  } catch (error) {
    if (!(error instanceof UnresolvedError)) throw error;
    untold = error.message;
  }
  const [row] = call.typeArguments ?? [];
  const isCallers = row !== undefined && program.checker.getTypeFromTypeNode(row).flags & ts.TypeFlags.TypeParameter;
  return {
    within: `${file.fileName.slice(root.length + 1)} ${functionAround(call)}`,
    line: file.getLineAndCharacterOfPosition(call.getStart()).line + 1,
    texts,
    untold,
    row: row === undefined || isCallers ? null : rowType(program, row),
    boundConstants: boundConstants(program, file),
  };
}

function textOf(value: unknown): string {
  if (value instanceof Unknown) throw new UnresolvedError(value.why);
  if (value instanceof Sql) return value.text;
  if (typeof value !== 'string') throw new UnresolvedError(`it is no text but ${typeof value}`);
  return value;
}

function rowType({ checker }: Program, node: ts.TypeNode): RowType {
  const properties = checker.getPropertiesOfType(checker.getTypeFromTypeNode(node));
  const said = properties.filter(({ flags }) => !(flags & ts.SymbolFlags.Optional));
  return new Map(said.map((property) => [property.name, checker.getTypeOfSymbolAtLocation(property, node)]));
}

function functionAround(node: ts.Node): string {
  for (let around = node.parent; around !== undefined; around = around.parent) {
    if (ts.isFunctionDeclaration(around) && around.name) return around.name.text;
  }
  return '';
}

const constantsOf = new WeakMap<ts.SourceFile, readonly string[]>();

/** In the templates of a file. */
function boundConstants(program: Program, file: ts.SourceFile): readonly string[] {
  const known = constantsOf.get(file);
  if (known !== undefined) return known;
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTaggedTemplateExpression(node) && node.tag.getText() === 'sql' && ts.isTemplateExpression(node.template)) {
      for (const { expression } of node.template.templateSpans) {
        if (isConstantText(program, expression)) found.push(expression.getText());
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  constantsOf.set(file, found);
  return found;
}

/** A text of the top level of a file, or what a function of it makes of a name: `isDismissed`, `item('e')`. */
function isConstantText(program: Program, node: ts.Expression): boolean {
  if (!(program.checker.getTypeAtLocation(node).flags & ts.TypeFlags.StringLike)) return false;
  if (ts.isStringLiteralLike(node)) return true;
  if (ts.isCallExpression(node)) return node.arguments.length > 0 && node.arguments.every(ts.isStringLiteralLike);
  const declaration = ts.isIdentifier(node) ? program.symbolOf(node)?.valueDeclaration : undefined;
  return (
    declaration !== undefined &&
    ts.isVariableDeclaration(declaration) &&
    ts.isSourceFile(declaration.parent.parent.parent)
  );
}
