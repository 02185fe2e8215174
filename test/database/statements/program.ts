import * as templates from 'sql-template-tag';
import ts from 'typescript';

/** What is looked up in the whole program, once. */
export class Program {
  readonly checker: ts.TypeChecker;
  readonly files: readonly ts.SourceFile[];
  /** By the name that is called: whose that is, is asked of those alone that matter. */
  readonly #calls = new Map<string, ts.CallExpression[]>();

  constructor(program: ts.Program, isOurs: (file: ts.SourceFile) => boolean) {
    this.checker = program.getTypeChecker();
    this.files = program.getSourceFiles().filter(isOurs);
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node)) {
        const called = calledName(node);
        const known = this.#calls.get(called);
        if (known === undefined) this.#calls.set(called, [node]);
        else known.push(node);
      }
      ts.forEachChild(node, visit);
    };
    for (const file of this.files) visit(file);
  }

  callsOf(symbol: ts.Symbol): readonly ts.CallExpression[] {
    return (this.#calls.get(symbol.name) ?? []).filter((call) => this.symbolOf(call.expression) === symbol);
  }

  /** What a name stands for, wherever it was imported from. */
  symbolOf(node: ts.Node): ts.Symbol | undefined {
    const symbol =
      ts.isShorthandPropertyAssignment(node.parent) && node.parent.name === node
        ? this.checker.getShorthandAssignmentValueSymbol(node.parent)
        : this.checker.getSymbolAtLocation(ts.isPropertyAccessExpression(node) ? node.name : node);
    return symbol && symbol.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol;
  }
}

function calledName({ expression }: ts.CallExpression): string {
  if (ts.isIdentifier(expression)) return expression.text;
  return ts.isPropertyAccessExpression(expression) ? expression.name.text : '';
}

/** What the language itself brings, and an expression may use. */
export const globals: ReadonlyMap<string, unknown> = new Map(Object.entries({ Array, JSON, Math, Object, String }));

/** What the library of templates exports: it is run, as it is. */
export function ofTemplates(symbol: ts.Symbol): unknown {
  const declared = symbol.declarations?.[0];
  if (!declared?.getSourceFile().fileName.includes('/sql-template-tag/')) return undefined;
  const name = (ts.isFunctionDeclaration(declared) || ts.isVariableDeclaration(declared)) && declared.name?.getText();
  return name === 'sql' ? templates.default : templates[name as 'empty' | 'join' | 'raw'];
}

export function isLibrary(symbol: ts.Symbol): boolean {
  return symbol.declarations?.every((each) => each.getSourceFile().isDeclarationFile) ?? false;
}

/** Where it stands, for people. */
export function place(node: ts.Node): string {
  const file = node.getSourceFile();
  const { line } = file.getLineAndCharacterOfPosition(node.getStart());
  return `${file.fileName.replace(/^.*\/(src\/)/, '$1')}:${line + 1}`;
}

/** The values that a type allows, where these are a few words or numbers; else null. */
export function literalsOf({ checker }: Program, node: ts.Node): readonly unknown[] | null {
  const type = checker.getTypeAtLocation(node);
  const members = type.isUnion() ? type.types : [type];
  const values = members.map((member) => {
    if (member.isStringLiteral() || member.isNumberLiteral()) return member.value;
    if (member.flags & ts.TypeFlags.BooleanLiteral) return checker.typeToString(member) === 'true';
    if (member.flags & ts.TypeFlags.Null) return null;
    return member.flags & ts.TypeFlags.Undefined ? undefined : notOne;
  });
  return values.includes(notOne) ? null : values;
}

const notOne = Symbol('no single value');

/** Whether it is a part of a statement's text, not a value. */
export function isText({ checker }: Program, expression: ts.Expression): boolean {
  const type = checker.getTypeAtLocation(expression);
  return (type.isUnion() ? type.types : [type]).some(({ symbol }) => symbol?.name === 'Sql');
}

/** The texts between the values of a template, as its tag gets them. */
export function piecesOf(template: ts.TemplateLiteral): readonly string[] {
  const pieces = ts.isTemplateExpression(template)
    ? [template.head, ...template.templateSpans.map(({ literal }) => literal)]
    : [template];
  const texts = pieces.map(({ text }) => text);
  return Object.assign(texts, { raw: texts });
}

/** What a literal stands for; undefined where it is none. */
export function constantOf(node: ts.Expression): boolean | number | string | null | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isNumericLiteral(node)) return Number(node.text.replaceAll('_', ''));
  if (node.kind === ts.SyntaxKind.TrueKeyword) return true;
  if (node.kind === ts.SyntaxKind.FalseKeyword) return false;
  return node.kind === ts.SyntaxKind.NullKeyword ? null : undefined;
}
