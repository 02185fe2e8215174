import * as templates from 'sql-template-tag';
import ts from 'typescript';
import {
  constantOf,
  globals,
  isLibrary,
  isText,
  literalsOf,
  ofTemplates,
  piecesOf,
  place,
  type Program,
} from './program.ts';
import type { Ways } from './possible-values.ts';
import { asText, known, lazily, neverHere, operators, Unknown, UnresolvedError } from './values.ts';

type Env = ReadonlyMap<ts.Symbol, unknown>;

/** Evaluates expressions of the program on some ways through it, without running it. */
export class Evaluator {
  readonly #program: Program;
  readonly #ways: Ways;
  /** Functions of the program; others can do nothing with what is unknown. */
  readonly #closures = new WeakSet<object>();
  #nested = 0;

  constructor(program: Program, ways: Ways) {
    this.#program = program;
    this.#ways = ways;
  }

  evaluate(node: ts.Expression, env: Env): unknown {
    if (++this.#nested > 400) throw new UnresolvedError(`it goes in circles at ${place(node)}`);
    try {
      return this.#evaluate(node, env);
    } finally {
      this.#nested--;
    }
  }

  #evaluate(node: ts.Expression, env: Env): unknown {
    const constant = constantOf(node);
    if (constant !== undefined) return constant;
    if (ts.isIdentifier(node)) return node.text === 'undefined' ? undefined : this.#named(node, env);
    if (ts.isAsExpression(node)) {
      const value = this.evaluate(node.expression, env);
      return value instanceof Unknown ? this.#anyOf(node, value.why) : value;
    }
    if (ts.isParenthesizedExpression(node) || ts.isSatisfiesExpression(node) || ts.isNonNullExpression(node)) {
      const value = this.evaluate(node.expression, env);
      if (value === null && ts.isNonNullExpression(node)) throw neverHere;
      return value;
    }
    if (ts.isTemplateExpression(node)) {
      const textOf = ({ expression, literal }: ts.TemplateSpan): string => this.#textOf(expression, env) + literal.text;
      return node.templateSpans.reduce((text, span) => text + textOf(span), node.head.text);
    }
    if (ts.isTaggedTemplateExpression(node)) return this.#tagged(node, env);
    if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) return this.#closure(node, env);
    if (ts.isConditionalExpression(node)) {
      return this.evaluate(this.#holds(node.condition, env) ? node.whenTrue : node.whenFalse, env);
    }
    if (ts.isArrayLiteralExpression(node)) {
      return node.elements.flatMap((each) =>
        ts.isSpreadElement(each)
          ? (known(this.evaluate(each.expression, env)) as unknown[])
          : [this.evaluate(each, env)],
      );
    }
    if (ts.isObjectLiteralExpression(node)) return this.#object(node, env);
    if (ts.isPropertyAccessExpression(node)) {
      return this.#member(node, this.evaluate(node.expression, env), node.name.text);
    }
    if (ts.isElementAccessExpression(node)) {
      const key = this.evaluate(node.argumentExpression, env);
      if (key instanceof Unknown) return this.#anyOf(node, key.why);
      return this.#member(node, this.evaluate(node.expression, env), String(key));
    }
    if (ts.isCallExpression(node)) return this.#call(node, env);
    if (ts.isNewExpression(node)) {
      const [content] = this.#arguments(node.arguments ?? [], env);
      const isKnown = !(content instanceof Unknown);
      if (isKnown && node.expression.getText() === 'Map') return new Map(content as [unknown, unknown][]);
      if (isKnown && node.expression.getText() === 'Set') return new Set(content as unknown[]);
    }
    if (ts.isBinaryExpression(node)) return this.#binary(node, env);
    if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
      return !this.#holds(node.operand, env);
    }
    if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.MinusToken) {
      return -(known(this.evaluate(node.operand, env)) as number);
    }
    return new Unknown(`${place(node)}: ${node.getText().slice(0, 60)}`);
  }

  /** A value of the type, where it allows no more than a few. */
  #anyOf(node: ts.Node, why: string): unknown {
    const literals = literalsOf(this.#program, node);
    if (literals === null) return new Unknown(why);
    return literals.length === 1 ? literals[0] : literals[this.#ways.choose(literals.length, node)];
  }

  #holds(condition: ts.Expression, env: Env): boolean {
    const value = this.evaluate(condition, env);
    return value instanceof Unknown ? this.#ways.choose(2, condition) === 0 : Boolean(value);
  }

  #named(node: ts.Identifier, env: Env): unknown {
    const symbol = this.#program.symbolOf(node);
    if (symbol === undefined) return new Unknown(node.text);
    const template = ofTemplates(symbol);
    if (template !== undefined) return template;
    if (env.has(symbol)) return env.get(symbol);
    if (globals.has(node.text) && isLibrary(symbol)) return globals.get(node.text);
    const declaration = symbol.valueDeclaration;
    if (declaration === undefined) return new Unknown(node.text);
    return this.#declared(declaration, node, env);
  }

  #declared(declaration: ts.Declaration, node: ts.Node, env: Env): unknown {
    if (ts.isVariableDeclaration(declaration) && ts.isForOfStatement(declaration.parent.parent)) {
      const { expression } = declaration.parent.parent;
      return this.#ways.once(declaration, () => {
        const all = this.#orUnknown(expression, env);
        return Array.isArray(all)
          ? (all[this.#ways.choose(all.length, declaration)] as unknown)
          : new Unknown(place(expression));
      });
    }
    if (ts.isVariableDeclaration(declaration) && declaration.initializer !== undefined) {
      return ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const
        ? this.evaluate(declaration.initializer, env)
        : new Unknown(`${place(node)}: ${node.getText()} is no constant`);
    }
    if (ts.isFunctionDeclaration(declaration)) return this.#closure(declaration, env);
    if (ts.isBindingElement(declaration)) return this.#bound(declaration, env);
    if (ts.isParameter(declaration)) return this.#parameter(declaration);
    return this.#anyOf(node, `${place(node)}: ${node.getText()}`);
  }

  #bound(element: ts.BindingElement, env: Env): unknown {
    const holder = element.parent.parent;
    const source = ts.isBindingElement(holder) ? this.#bound(holder, env) : this.#declared(holder, holder.name, env);
    return this.#part(source, element, env);
  }

  /** What a pattern takes of a value. */
  #part(source: unknown, element: ts.BindingElement, env: Env): unknown {
    const { parent, name, propertyName, dotDotDotToken, initializer } = element;
    const key = ts.isArrayBindingPattern(parent)
      ? String(parent.elements.indexOf(element))
      : (propertyName ?? name).getText();
    if (dotDotDotToken) return new Unknown(`${place(element)}: the rest of a pattern`);
    const value = this.#member(name, source, key);
    return value === undefined && initializer ? this.evaluate(initializer, env) : value;
  }

  /** What a function is given that nobody was seen to call: one of the values of its type, or what a caller says. */
  #parameter(parameter: ts.ParameterDeclaration): unknown {
    return this.#ways.once(parameter, () => {
      const why = `${place(parameter)}: the parameter ${parameter.name.getText()}`;
      const literal = this.#anyOf(parameter.name, why);
      if (!(literal instanceof Unknown)) return literal;
      const owner = parameter.parent;
      const named = ts.isFunctionDeclaration(owner)
        ? owner.name
        : ts.isVariableDeclaration(owner.parent)
          ? owner.parent.name
          : undefined;
      const symbol = named && this.#program.symbolOf(named);
      const calls = symbol ? this.#program.callsOf(symbol) : [];
      if (calls.length === 0) return new Unknown(`${why}, called by nobody known`);
      const call = calls[this.#ways.choose(calls.length, parameter)]!;
      const given = call.arguments[owner.parameters.indexOf(parameter)];
      if (given !== undefined) return this.#orUnknown(given, new Map());
      return parameter.initializer ? this.evaluate(parameter.initializer, new Map()) : undefined;
    });
  }

  #closure(fn: ts.ArrowFunction | ts.FunctionDeclaration | ts.FunctionExpression | ts.MethodDeclaration, env: Env) {
    const closure = (...args: unknown[]): unknown => {
      const inner = new Map(env);
      fn.parameters.forEach((parameter, n) => {
        const given = parameter.dotDotDotToken ? args.slice(n) : args[n];
        const value =
          given === undefined && parameter.initializer ? this.evaluate(parameter.initializer, inner) : given;
        this.#bind(parameter.name, value, inner);
      });
      if (fn.body === undefined) return new Unknown('a function without a body');
      if (!ts.isBlock(fn.body)) return this.evaluate(fn.body, inner);
      const result = this.#statements(fn.body.statements, inner);
      return result === goesOn ? undefined : result;
    };
    this.#closures.add(closure);
    return closure;
  }

  #bind(name: ts.BindingName, value: unknown, env: Map<ts.Symbol, unknown>): void {
    if (ts.isIdentifier(name)) {
      const symbol = this.#program.symbolOf(name);
      if (symbol !== undefined) env.set(symbol, value);
      return;
    }
    for (const element of name.elements) {
      if (!ts.isOmittedExpression(element)) this.#bind(element.name, this.#part(value, element, env), env);
    }
  }

  #statements(statements: readonly ts.Statement[], env: Map<ts.Symbol, unknown>): unknown {
    for (const statement of statements) {
      if (ts.isReturnStatement(statement)) {
        return statement.expression ? this.evaluate(statement.expression, env) : undefined;
      }
      if (ts.isVariableStatement(statement)) {
        for (const { name, initializer } of statement.declarationList.declarations) {
          if (initializer) this.#bind(name, this.#orUnknown(initializer, env), env);
        }
      } else if (ts.isIfStatement(statement)) {
        const branch = this.#holds(statement.expression, env) ? statement.thenStatement : statement.elseStatement;
        const result = branch ? this.#statements(ts.isBlock(branch) ? branch.statements : [branch], env) : goesOn;
        if (result !== goesOn) return result;
      } else if (ts.isExpressionStatement(statement)) this.evaluate(statement.expression, env);
      else if (ts.isThrowStatement(statement)) throw neverHere;
      else if (!ts.isFunctionDeclaration(statement))
        return new Unknown(`${place(statement)}: a statement of this kind`);
    }
    return goesOn;
  }

  #object(node: ts.ObjectLiteralExpression, env: Env): unknown {
    const object: Record<string, unknown> = {};
    for (const each of node.properties) {
      if (ts.isSpreadAssignment(each)) {
        const value = this.evaluate(each.expression, env);
        if (value instanceof Unknown) return value;
        Object.assign(object, value);
      } else if (ts.isPropertyAssignment(each)) {
        const key = ts.isComputedPropertyName(each.name)
          ? asText(this.evaluate(each.name.expression, env))
          : ts.isStringLiteralLike(each.name)
            ? each.name.text
            : each.name.getText();
        lazily(object, key, () => this.evaluate(each.initializer, env));
      } else if (ts.isShorthandPropertyAssignment(each)) {
        lazily(object, each.name.text, () => this.#named(each.name, env));
      } else if (ts.isMethodDeclaration(each)) object[each.name.getText()] = this.#closure(each, env);
    }
    return object;
  }

  #member(node: ts.Node, of: unknown, key: string): unknown {
    if (of instanceof Unknown) {
      if (!of.members.has(key)) of.members.set(key, this.#anyOf(node, `${of.why}, its ${key}`));
      return of.members.get(key);
    }
    if (of === undefined || of === null) return undefined;
    const value = (of as Record<string, unknown>)[key];
    return typeof value === 'function' && !Object.hasOwn(of, key) ? value.bind(of) : value;
  }

  #arguments(args: readonly ts.Expression[], env: Env): unknown[] {
    return args.flatMap((each) =>
      ts.isSpreadElement(each)
        ? (known(this.evaluate(each.expression, env)) as unknown[])
        : [this.#orUnknown(each, env)],
    );
  }

  /** It may not matter. */
  #orUnknown(node: ts.Expression, env: Env): unknown {
    try {
      return this.evaluate(node, env);
    } catch (error) {
      if (error instanceof UnresolvedError) return new Unknown(error.message);
      throw error;
    }
  }

  #call(node: ts.CallExpression, env: Env): unknown {
    const fn = this.evaluate(node.expression, env);
    if (typeof fn !== 'function') return this.#anyOf(node, `${place(node)}: ${node.expression.getText()}(…)`);
    const args = this.#arguments(node.arguments, env);
    const unknown = args.find((each) => each instanceof Unknown);
    if (unknown instanceof Unknown && !this.#closures.has(fn)) return new Unknown(unknown.why);
    return (fn as (...args: unknown[]) => unknown)(...args);
  }

  #tagged(node: ts.TaggedTemplateExpression, env: Env): unknown {
    const tag = this.evaluate(node.tag, env);
    if (typeof tag !== 'function') return new Unknown(`${place(node)}: ${node.tag.getText()}\`…\``);
    const { template } = node;
    const values = ts.isTemplateExpression(template)
      ? template.templateSpans.map(({ expression }) => {
          // A value is sent apart from the text; only a part of the text has to be known.
          if (tag !== templates.default || isText(this.#program, expression))
            return known(this.evaluate(expression, env));
          return new Unknown('a value');
        })
      : [];
    return (tag as (strings: unknown, ...values: unknown[]) => unknown)(piecesOf(template), ...values);
  }

  /** A number is a number, whichever it is. */
  #textOf(expression: ts.Expression, env: Env): string {
    const value = this.#orUnknown(expression, env);
    const { flags } = this.#program.checker.getTypeAtLocation(expression);
    return value instanceof Unknown && flags & ts.TypeFlags.NumberLike ? '1' : asText(value);
  }

  #binary(node: ts.BinaryExpression, env: Env): unknown {
    const operator = node.operatorToken.kind;
    const left = this.evaluate(node.left, env);
    const isUnknown = left instanceof Unknown;
    if (operator === ts.SyntaxKind.QuestionQuestionToken) {
      if (isUnknown) return this.#ways.choose(2, node) === 0 ? left : this.evaluate(node.right, env);
      return left ?? this.evaluate(node.right, env);
    }
    if (operator === ts.SyntaxKind.BarBarToken) return isUnknown ? left : left || this.evaluate(node.right, env);
    if (operator === ts.SyntaxKind.AmpersandAmpersandToken) {
      return isUnknown ? left : left && this.evaluate(node.right, env);
    }
    const right = this.evaluate(node.right, env);
    const calculate = operators.get(operator);
    if (calculate === undefined || isUnknown || right instanceof Unknown) {
      return new Unknown(`${place(node)}: ${node.getText().slice(0, 60)}`);
    }
    return calculate(left as number, right as number);
  }
}

const goesOn = Symbol('continues');
