/**
 * The grammar of a trigger, checked before Segment's parser reads it: that one is lenient and makes something of
 * almost any text (`event =` compares with "eos", and "and" with "or" on one level become one of them).
 */

const TOKEN = /\s*(?:("(?:[^"\\]|\\.)*")|(!=|<=|>=|=|<|>|!|\(|\)|,)|((?:\\.|[^\s()=!<>,"\\])+))/y;
const COMPARISONS = new Set(['=', '!=', '<', '<=', '>', '>=']);
const FIELD = /^(?:type|event|name|userId|(?:properties|traits|context)\..+)$/;
/** The names that Segment's parser reads as such. */
const READABLE = /^(?:(?:^|\.)(?!(?:and|or|null)$)(?:[A-Za-z_]|\\.)(?:[\w-]|\\.)*)+$/;
/** An item of a list in a name, as Segment writes it: `products\[0\]`. */
const INDEX = /\\?\[\d+\\?\]/g;
/** Where Segment's evaluator goes a step further, also within a name: so it never finds that one. */
const STEPS = /[[\]]|\\\./;
const FUNCTIONS = new Set(['contains', 'match']);
/** Of any other text Segment's parser leaves out the first letter: `match(event, "Order")` would match `Border`. */
const MATCHED = /^"(?:\*[^*]*|[^*]*\*)"$/;

type Token = { readonly kind: 'text' | 'sign' | 'word'; readonly value: string };

/** How the conditions of a trigger are joined: each parenthesis, and each of "and" and "or", where it counts. */
export type Shape = 'condition' | { readonly operator: 'and' | 'or'; readonly parts: readonly Shape[] };

/** What the grammar says of a text: the shape that it has, or, as a sentence, what is wrong with it. */
export type FqlReading =
  | {
      readonly shape: Shape;
      /** The same with a blank after all but `!`: without, Segment's parser does not know `!=`, `<=` and `>=`. */
      readonly spaced: string;
    }
  | { readonly problem: string };

/** Reads a trigger by its grammar alone. */
export function readFql(fql: string): FqlReading {
  const tokens = tokenize(fql);
  if (tokens === undefined) return { problem: 'a text in double quotes is not closed' };
  const end = expression(tokens, 0);
  if (typeof end === 'string') return { problem: end };
  const { at, shape } = end;
  if (at !== tokens.length) return { problem: `there is something after its end: ${describe(tokens[at])}` };
  if (tokens.some(({ kind, value }) => kind === 'text' && value.slice(1, -1).includes('\\"'))) {
    return {
      problem: "a text contains a double quote, which Segment's parser takes for the end of the text",
    };
  }
  const spaced = tokens
    .map(({ kind, value }) => (kind === 'sign' && value === '!' ? value : `${value} `))
    .join('');
  return { shape, spaced };
}

/** The shape of parts that are joined: parentheses around one alone, or around what is joined alike, change nothing. */
export function joined(operator: 'and' | 'or', parts: readonly Shape[]): Shape {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const flat = parts.flatMap((part) =>
    part !== 'condition' && part.operator === operator ? part.parts : [part],
  );
  return { operator, parts: flat };
}

function connectiveOf(token: Token | undefined): 'and' | 'or' | undefined {
  return token?.kind === 'word' && (token.value === 'and' || token.value === 'or') ? token.value : undefined;
}

function tokenize(fql: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  const text = fql.trimEnd();
  for (let at = 0; at < text.length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) return undefined;
    const [, quoted, sign, word] = match;
    if (quoted !== undefined) tokens.push({ kind: 'text', value: quoted });
    else if (sign !== undefined) tokens.push({ kind: 'sign', value: sign });
    else tokens.push({ kind: 'word', value: word ?? '' });
  }
  return tokens;
}

/** Each rule takes where it begins, and gives where it ends and what shape it has, or what is wrong. */
type Ended = { readonly at: number; readonly shape: Shape } | string;

function expression(tokens: readonly Token[], from: number): Ended {
  const parts: Shape[] = [];
  let connective: 'and' | 'or' | undefined;
  let at = from;
  for (;;) {
    const end = term(tokens, at);
    if (typeof end === 'string') return end;
    parts.push(end.shape);
    const next = connectiveOf(tokens[end.at]);
    if (next === undefined) return { at: end.at, shape: joined(connective ?? 'and', parts) };
    if (connective !== undefined && next !== connective) {
      return '"and" and "or" are mixed; put parentheses around one of them';
    }
    connective = next;
    at = end.at + 1;
  }
}

function term(tokens: readonly Token[], at: number): Ended {
  const token = tokens[at];
  if (token === undefined) return 'it ends where a condition should be';
  if (token.value === '(' && token.kind === 'sign') {
    const end = expression(tokens, at + 1);
    if (typeof end === 'string') return end;
    return tokens[end.at]?.value === ')'
      ? { at: end.at + 1, shape: end.shape }
      : 'a parenthesis is not closed';
  }
  if (token.value === '!' && token.kind === 'sign') {
    const named = tokens[at + 1];
    return named?.kind === 'word' && FUNCTIONS.has(named.value)
      ? call(tokens, at + 1)
      : '"!" may only stand before contains() or match(); negate each condition with != instead';
  }
  if (token.kind === 'word' && FUNCTIONS.has(token.value) && tokens[at + 1]?.value === '(')
    return call(tokens, at);
  return comparison(tokens, at);
}

function comparison(tokens: readonly Token[], at: number): Ended {
  const [field, operator, value] = tokens.slice(at, at + 3);
  if (field?.kind !== 'word' || !FIELD.test(field.value)) {
    return `${describe(field)} is not a field; write type, event, name, userId, properties.…, traits.… or context.…`;
  }
  if (operator?.kind !== 'sign' || !COMPARISONS.has(operator.value)) {
    return `${describe(operator)} is not a comparison; write =, !=, <, <=, > or >=`;
  }
  const problem = nameProblem(field.value) ?? problemOf(field.value, operator.value, value);
  if (problem !== undefined) return problem;
  if (value?.kind === 'text') return condition(at + 3);
  if (value?.kind === 'word' && /^(?:true|false|null|-?\d+(?:\.\d+)?)$/.test(value.value))
    return condition(at + 3);
  return `${describe(value)} is not a value; write a text in double quotes, a number, true, false or null`;
}

function nameProblem(field: string): string | undefined {
  if (STEPS.test(field.replaceAll(INDEX, ''))) {
    return `Segment's evaluator never finds a name with a point or brackets in it, as in ${field}; give its column a place without them under source.columns`;
  }
  return READABLE.test(field)
    ? undefined
    : `Segment's parser cannot read ${field} as a name; put a \\ before each character but English letters, digits, _ and -, and before a digit, or a word such as or, that comes after a point (properties.Gr\\ö\\ße, properties.\\or)`;
}

/** What can be written, but never does what it says: an event's own names are texts. */
function problemOf(field: string, operator: string, value: Token | undefined): string | undefined {
  if (field.includes('.'))
    return operator.startsWith('<') || operator.startsWith('>')
      ? unorderedProblem(field, operator, value)
      : undefined;
  if (operator !== '=' && operator !== '!=') {
    return `${field} is a text, which is never less or more than another; write = or !=`;
  }
  if (value?.kind !== 'word' || value.value !== 'null' || (field !== 'event' && field !== 'type'))
    return undefined;
  const instead = field === 'event' ? '; contains(event, "") asks whether there is one' : '';
  return `Segment's evaluator compares ${field} with the text "null"${instead}`;
}

/** Segment's evaluator compares the size of numbers alone: `properties.date > "2026-01-01"` never holds, and "" counts as 0. */
function unorderedProblem(field: string, operator: string, value: Token | undefined): string | undefined {
  if (value === undefined) return undefined;
  const text = value.kind === 'text' ? value.value.slice(1, -1) : value.value;
  const isNumber = text.trim() !== '' && Number.isFinite(Number(text));
  const isUnordered = value.kind === 'text' ? !isNumber : /^(?:true|false|null)$/.test(text);
  return isUnordered
    ? `${field} ${operator} ${value.value} compares with what is no number, and only numbers are less or more than another; write a number`
    : undefined;
}

function call(tokens: readonly Token[], at: number): Ended {
  const [open, field, comma, text, close] = tokens.slice(at + 1, at + 6);
  const right =
    open?.value === '(' &&
    field?.kind === 'word' &&
    FIELD.test(field.value) &&
    field.value !== 'type' &&
    comma?.value === ',' &&
    text?.kind === 'text' &&
    close?.value === ')';
  const name = tokens[at]?.value ?? '';
  if (!right) return `${name}() takes a field other than type, and a text in double quotes`;
  const problem = nameProblem(field.value);
  if (problem !== undefined) return problem;
  if (name === 'match' && !MATCHED.test(text.value)) {
    return 'match() takes a text with one *, at its beginning or its end; for other texts use contains() or =';
  }
  return condition(at + 6);
}

function condition(at: number): Ended {
  return { at, shape: 'condition' };
}

function describe(token: Token | undefined): string {
  return token === undefined ? 'the end' : token.kind === 'text' ? token.value : `"${token.value}"`;
}
