/** Parses a YAML file of secrets. A value that YAML reads as a number, a boolean or null is an error, not a guess. */
import { isAlias, isMap, isScalar, isSeq, Lexer, parseDocument } from 'yaml';
import { type LocatedValue, ParsedFile } from './entry.js';
import { addEntries, IN_QUOTES, NULL_PROBLEM } from './structured-file.js';

const REASONS: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: 'the file has several documents; import one at a time',
  TAB_AS_INDENT: 'a tab as indentation; use spaces',
  BAD_INDENT: 'wrong indentation',
  BAD_ALIAS: 'an alias (*) without a name; a value that begins with * needs quotes',
  MISSING_CHAR: 'a quote, a bracket or a comma is missing',
  BAD_DQ_ESCAPE: 'unknown escape in double quotes',
  BAD_SCALAR_START: "a value can't begin with this character without quotes",
  BLOCK_AS_IMPLICIT_KEY: 'a map within a line; a value with ": " in it needs quotes',
};

/** The parser takes a second for these; JSON has no such limit. */
const MAX_LENGTH = 3_000_000;
const MAX_LEXEMES = 300_000;
const MAX_DEPTH = 100;
const TOO_LARGE = 'the file is too large for YAML, which takes long to parse; write it as JSON, or as several files';

export function parseYamlFile(given: string, takes: (key: string) => boolean = () => true): ParsedFile {
  const file = new ParsedFile(given.replace(/^\uFEFF/, ''), takes);
  const anchors = new Set<string>();
  const size = problemOfSize(file.text, anchors);
  if (size !== undefined) {
    file.problems.add(0, size);
    return file;
  }
  const document = parseQuietly(file.text);
  // A tag that is not known is a warning.
  for (const { code, pos } of [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]))
    file.problems.add(
      pos[0],
      code === 'TAG_RESOLVE_FAILED' ? tagProblem(file.text, pos) : (REASONS[code] ?? `the file is not YAML (${code})`),
    );
  if (file.problems.count === 0) addEntries(file, located(document.contents, anchors, 0));
  return file;
}

/** Its errors are many for a hostile text: they need no stack. */
function parseQuietly(text: string) {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    // Pretty errors quote the file. Equal keys are found later, in linear time.
    return parseDocument(text, { prettyErrors: false, uniqueKeys: false });
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** The lexer is fast, and shows what the parser would have to do, and which anchors there are. */
function problemOfSize(text: string, anchors: Set<string>): string | undefined {
  if (text.length > MAX_LENGTH) return TOO_LARGE;
  let lexemes = 0;
  let depth = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (++lexemes > MAX_LEXEMES) return TOO_LARGE;
    if (lexeme.startsWith('&')) anchors.add(lexeme.slice(1));
    if (lexeme === '[' || lexeme === '{') depth++;
    else if (lexeme === ']' || lexeme === '}') depth--;
    if (depth > MAX_DEPTH) return `the file is nested more than ${MAX_DEPTH} deep`;
  }
  return undefined;
}

/** Tools whose tags are in use. Any other tag is not quoted: it may be a value without quotes. */
const TAGS: Readonly<Record<string, string>> = {
  '!vault': 'the tag !vault: the value is encrypted by Ansible; run "ansible-vault decrypt" first',
  '!reference': 'the tag !reference of GitLab is not supported; write the value out',
  '!Ref': 'the tag !Ref of CloudFormation is not supported; write the value out',
  '!Sub': 'the tag !Sub of CloudFormation is not supported; write the value out',
  '!GetAtt': 'the tag !GetAtt of CloudFormation is not supported; write the value out',
  '!include': 'the tag !include is not supported; write the value out',
  '!secret': 'the tag !secret is not supported; write the value out',
  '!ENV': 'the tag !ENV is not supported; write the value out',
  '!env': 'the tag !env is not supported; write the value out',
};

function tagProblem(text: string, [start, end]: readonly [number, number]): string {
  const tag = text.slice(start, end).trim();
  return Object.hasOwn(TAGS, tag)
    ? (TAGS[tag] as string)
    : 'a tag (!...) is not supported; a value that begins with ! needs quotes';
}

const ALIAS = 'is an alias (*), which is not supported; write the value out';
const ALIAS_OF_NOTHING = 'is an alias (*) of nothing; a value that begins with * needs quotes';
const MERGE = 'is a merge (<<), which is not supported; write its values out';

function located(node: unknown, anchors: ReadonlySet<string>, near: number): LocatedValue {
  const at = (node as { range?: [number, number, number] | null } | null)?.range?.[0] ?? near;
  if (isAlias(node)) return { kind: 'wrong', at, problem: anchors.has(node.source) ? ALIAS : ALIAS_OF_NOTHING };
  if (isScalar(node)) {
    if (typeof node.value === 'string') return { kind: 'string', at, text: node.value };
    if (node.value === null) return { kind: 'wrong', at, problem: NULL_PROBLEM };
    if (node.value instanceof Uint8Array) return { kind: 'wrong', at, problem: BINARY };
    return { kind: 'wrong', at, problem: IN_QUOTES };
  }
  if (isSeq(node)) return { kind: 'list', at, items: node.items.map((item) => located(item, anchors, at)) };
  if (!isMap(node)) return { kind: 'wrong', at, problem: NULL_PROBLEM };
  const pairs = node.items.map(({ key, value }) => {
    const name = located(key, anchors, at);
    const found = located(value, anchors, name.at);
    if (name.kind === 'string' && name.text === '<<' && isScalar(key) && key.type === 'PLAIN')
      return { key: '<<', at: name.at, value: { kind: 'wrong', at: name.at, problem: MERGE } as const };
    if (name.kind === 'string') return { key: name.text, at: name.at, value: found };
    return { key: '', at: name.at, value: { kind: 'wrong', at: name.at, problem: KEY } as const };
  });
  return { kind: 'map', at, pairs };
}

const BINARY = 'has the tag !!binary, which is not supported; a value is text';
const KEY = 'has a key that is no string; put the key in quotes';
