/** The parts of the docs site that need no browser. */
import { expect, test } from 'vitest';
import { blockHtml, compiled, parseInfo, setUpParser } from '../../scripts/lib/docs/code-blocks.js';
import { editLink, pageHtml } from '../../scripts/lib/docs/layout.js';
import { markdownFor } from '../../scripts/lib/docs/markdown.js';
import { assert } from '../../scripts/lib/docs/run/assert.js';
import { inspect } from '../../scripts/lib/docs/run/inspect.js';
import { toBody } from '../../scripts/lib/docs/run/program.js';
import { rank } from '../../scripts/lib/docs/search/rank.js';
import { tidy } from '../../scripts/lib/docs/tidy.js';

test.each([
  ["import { a, b as c, type D } from 'x';\na();", 'const { a, b: c } = $import("x");\na();'],
  ["import {\n  a,\n} from 'x';\na();", 'const { a } = $import("x");\n\n\na();'],
  ["import a from 'x'", 'const { default: a } = $import("x");'],
  ["import a, { b } from 'x';", 'const { default: a, b } = $import("x");'],
  ["import * as a from 'x';", 'const a = $import("x");'],
  ["import 'x';", '$import("x");'],
  ["import type { A } from 'x';\n1;", '\n1;'],
  [
    "// import { a } from 'y';\n/* b */ import { a } from 'x';",
    '// import { a } from \'y\';\n/* b */ const { a } = $import("x");',
  ],
  ["const a = `\nimport { b } from 'x';`;", "const a = `\nimport { b } from 'x';`;"],
  ['export const a = 1;\nexport async function b() {}', 'const a = 1;\nasync function b() {}'],
  ['const a = 1;\nexport {\n  a\n};\n', 'const a = 1;\n\n'],
])('a program becomes the body of a function: %j', (source, body) => {
  expect(toBody(source)).toBe(body);
});

test('TypeScript is compiled only if it has types; a mistake is an error that shows the code', () => {
  expect(compiled("import { a } from 'x';\nawait a();")).toBeUndefined();
  expect(compiled('const a: number = 1;')).toBe('const a = 1;\n');
  expect(() => compiled('const = 1')).toThrow(/const = 1/);
});

test('the info string says whether a block runs, and with which fault', () => {
  expect(parseInfo('ts')).toEqual({ language: 'ts', isCode: true, noRun: undefined, fault: undefined });
  expect(parseInfo('js a.test.js no-run: needs Jest')).toMatchObject({ isCode: true, noRun: 'needs Jest' });
  expect(parseInfo('ts fault: lost')).toMatchObject({ fault: 'lost' });
  expect(parseInfo('sh no-run')).toMatchObject({ isCode: false });
  const pre = '<pre><code class="ts">a<br/>b\n</code><button type="button">Copy</button></pre>\n';
  expect(blockHtml(pre, 'ts fault: lost', 'a\nb')).toBe(
    '<div class="code" data-run data-fault="lost"><pre tabindex="0"><code class="ts">a\nb\n</code></pre></div>\n',
  );
  expect(blockHtml(pre, 'ts no-run: no program', '(')).not.toContain('data-run');
  expect(blockHtml(pre, 'ts', 'const a: "<" = "<";')).toContain('data-js="const a = &quot;&lt;&quot;;');
});

test.each([
  ['text\n', 'text\n'],
  [{ a: 1, 'b-c': [undefined, null, 'd'] }, "{ a: 1, 'b-c': [ undefined, null, 'd' ] }"],
  [new Map([['a', new Set([1n])]]), "Map(1) { 'a' => Set(1) { 1n } }"],
  [[], '[]'],
  [new TypeError('wrong'), 'TypeError: wrong'],
  [
    Object.assign(new Error('gone'), { outcome: 'unknown', attempts: 2 }),
    "Error: gone { outcome: 'unknown', attempts: 2 }",
  ],
])('prints %j as a console does', (value, text) => {
  expect(inspect(value)).toBe(text);
});

test('prints what refers to itself, and long objects on several lines', () => {
  const value: Record<string, unknown> = { name: 'x'.repeat(80) };
  value.self = value;
  expect(inspect(value)).toBe(`{\n  name: '${'x'.repeat(80)}',\n  self: [Circular],\n}`);
});

test('the assertions of the page fail and pass as those of node:assert/strict', async () => {
  assert.deepEqual({ a: [1, { b: Number.NaN }] }, { a: [1, { b: Number.NaN }] });
  assert.equal(0, 0);
  assert(true);
  await assert.rejects(Promise.reject(new TypeError('no')), TypeError);
  await assert.rejects(async () => Promise.reject({ outcome: 'unknown', more: 1 }), { outcome: 'unknown' });
  for (const wrong of [
    () => assert.equal(0, -0),
    () => assert.deepEqual([1], { 0: 1 }),
    () => assert.deepEqual({ a: 1 }, { a: 1, b: 2 }),
    () => assert.ok(0),
    () => assert.throws(() => {}),
  ])
    expect(wrong).toThrow();
  await expect(assert.rejects(Promise.resolve(1))).rejects.toThrow('rejected with no error');
  await expect(assert.rejects(Promise.reject(new Error('a')), /b/)).rejects.toThrow('another error');
});

test('the code in a heading is text, of which TypeDoc makes its anchor; that in a paragraph stays code', () => {
  class Token {
    content = '';
    constructor(readonly type: string) {}
  }
  const of = (type: string, content = '') => Object.assign(new Token(type), { content });
  const inline = () => ({ type: 'inline', children: [of('text', 'The '), of('code_inline', '<b>')] });
  const [inHeading, inParagraph] = [inline(), inline()];
  let rule: (state: object) => void = () => {};
  const ruler = { push: (_: string, added: typeof rule) => (rule = added) };
  setUpParser({ core: { ruler }, renderer: { rules: {} } });
  rule({ Token, tokens: [of('heading_open'), inHeading, of('heading_close'), of('paragraph_open'), inParagraph] });
  const parts = (token: typeof inHeading) => token.children.map(({ type, content }) => [type, content]);
  expect(parts(inHeading)).toEqual([
    ['text', 'The '],
    ['html_inline', '<code>'],
    ['text', '<b>'],
    ['html_inline', '</code>'],
  ]);
  expect(parts(inParagraph)).toEqual(parts(inline()));
});

test('an option in code stays on one line, its value may stand on the next', () => {
  expect(tidy('<code>--format env|json</code> <code>a b-c</code> <code>d-e</code>', 'guide/a.html')).toBe(
    '<code><span class="one">--format</span> env|json</code> <code>a b-c</code> <code class="one">d-e</code>',
  );
});

test('"Edit this page" is shown only if the package has a repository on GitHub', () => {
  expect(editLink(undefined, 'docs/a.md')).toBe('');
  expect(editLink({ url: 'git+https://example.com/a/b.git' }, 'docs/a.md')).toBe('');
  for (const repository of ['github:a/b', { url: 'git+https://github.com/a/b.git' }, 'git@github.com:a/b.git'])
    expect(editLink(repository, 'docs/a.md')).toContain('href="https://github.com/a/b/edit/main/docs/a.md"');
});

test('the Markdown beside a page links Markdown, and files as its HTML does', () => {
  const html = '<a href="errors.html#kinds">x</a> <a href="../media/proxy.ts">y</a>';
  const markdown =
    '[x](errors.md#kinds) [s](../SECURITY.md) [e](../examples/README.md) [y](../examples/proxy.ts) [h](#a) [w](https://x.y)';
  expect(markdownFor(markdown, html)).toBe(
    '[x](errors.md#kinds) [s](security.md) [e](examples.md) [y](../media/proxy.ts) [h](#a) [w](https://x.y)',
  );
});

test('a page contains its Markdown as text that ends no script', () => {
  const html = pageHtml({
    url: 'guide/a.html',
    title: 'A',
    description: 'd',
    content: '<h1>A</h1>',
    markdown: '</script><b>',
  });
  expect(html).toContain('"\\u003c/script>\\u003cb>"');
});

test('the search needs every word, takes plurals, and ranks titles before text', () => {
  const entry = (title: string, text: string) => ({
    url: `guide/${title}.html`,
    title,
    page: title,
    part: 'Guide',
    text,
  });
  const entries = [
    entry('Logging', 'proxies, a rate limit'),
    entry('Proxies', 'none'),
    entry('Limits', 'the rate of requests'),
  ];
  const found = (query: string) => rank(entries, query).map(({ entry: { title } }) => title);
  expect(found('proxy')).toEqual(['Proxies', 'Logging']);
  expect(found('rate limit')).toEqual(['Limits', 'Logging']);
  expect(found('the')).toEqual(['Limits']);
  expect(found('nothing')).toEqual([]);
  expect(found(' ')).toEqual([]);
});
