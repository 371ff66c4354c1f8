// Turns a program that imports and exports into the body of an async function.

const SKIPPED = /^(?:\s+|\/\/[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)/;
const IMPORT = /^import\s+(?:(type\s)?([\w$*\s{},]+?)\s*from\s*)?(['"])([^'"\n]+)\3[ \t]*;?/;

/** The left side of a destructuring, for what stands between `import` and `from`. */
function pattern(clause) {
  const [, namespace] = /^\*\s*as\s+([\w$]+)$/.exec(clause) ?? [];
  if (namespace) return namespace;
  const [, first, list] = /^([\w$]+)?\s*,?\s*(?:\{([\s\S]*)\})?$/.exec(clause) ?? [];
  const names = (list ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name && !/^type\s/.test(name))
    .map((name) => name.replace(/\s+as\s+/, ': '));
  return `{ ${[...(first ? [`default: ${first}`] : []), ...names].join(', ')} }`;
}

/**
 * The body, with `$import(name)` for each import, on the same lines.
 *
 * @param {string} source JavaScript
 */
export function toBody(source) {
  let body = '';
  let rest = source;
  for (;;) {
    const [skipped] = SKIPPED.exec(rest) ?? [];
    if (skipped) {
      body += skipped;
      rest = rest.slice(skipped.length);
      continue;
    }
    const found = IMPORT.exec(rest);
    if (!found) break;
    const [statement, isType, clause, , name] = found;
    const lines = '\n'.repeat(statement.split('\n').length - 1);
    const call = `$import(${JSON.stringify(name)});${lines}`;
    body += isType ? lines : clause ? `const ${pattern(clause.trim())} = ${call}` : call;
    rest = rest.slice(statement.length);
  }
  // esbuild writes exports as a list at the end.
  const local = rest.replaceAll(/^export \{[^}]*\};?$/gm, '');
  return body + local.replaceAll(/^export (?=(?:const|let|var|function|async|class)\b)/gm, '');
}
