// Renders the contract to one page that works offline and makes no network requests.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { generatedDir } from '../contract/contract-dir.js';
import { redocly } from '../contract/redocly.js';
import { siteScript, style } from './assets.js';
import { ICON, siteHeader, THEME_SCRIPT } from './layout.js';

/** The files of the contract beside the page. */
export const CONTRACTS = ['openapi.yaml', 'openapi.json', 'openapi-3.0.json'];

/** The place of an operation or of a section in the page. */
export const placeOf = (name) => `#/secrets/${name.toLowerCase().replaceAll(' ', '-')}`;

/** The set-up, for the first screen. It is not in the contract: code generators copy its description into their files. */
const SET_UP = `
\`\`\`sh
npm install cortex-secrets
export CORTEX_API_KEY=... # from the settings
export CORTEX_BASE_URL=https://api.getcortexapp.com
\`\`\`

A step that rotates a value, in GitHub Actions:

\`\`\`yaml
- run: |
    npx cortex-secrets update my-secret \\
      --value-env NEW_VALUE
  env:
    CORTEX_API_KEY: \${{ secrets.CORTEX_API_KEY }}
    NEW_VALUE: \${{ secrets.NEW_VALUE }}
\`\`\`
`;

/** \`text\` with \`replacement\` for \`find\`, which it must contain: a page that lost a fix must not be published. */
function replaceIn(text, find, replacement, what) {
  const replaced = text.replace(find, replacement);
  if (replaced === text) throw new Error(`The API reference has no ${what}; adapt scripts/lib/docs/api-page.js.`);
  return replaced;
}

/**
 * The contract with what only the page needs: links between its parts, the set-up, the list of error types.
 *
 * @param {any} contract
 */
export function pageContract(contract) {
  const { info, paths, components } = structuredClone(contract);
  const [tag] = structuredClone(contract.tags);
  for (const [path, item] of Object.entries(paths)) {
    for (const [method, { operationId }] of Object.entries(item)) {
      const code = `\`${method.toUpperCase()} ${path}\``;
      info.description = replaceIn(info.description, code, `[${code}](${placeOf(operationId)})`, code);
    }
  }
  const unofficial = /^([\s\S]*?)\n\n/;
  info.description = replaceIn(
    info.description,
    unofficial,
    `$1 This page is unofficial. The contract: ${CONTRACTS.map((name) => `[${name}](${name})`).join(', ')}.\n${SET_UP}\n`,
    'introduction',
  );
  const secrets = /see the section Secrets/;
  info.description = replaceIn(info.description, secrets, 'see [Secrets](#/secrets)', 'link to the section Secrets');

  const types = components.schemas.ErrorBody.properties.type;
  const known = `The types that the reference lists: ${types['x-extensible-enum'].map((one) => `\`${one}\``).join(', ')}.`;
  tag.description = replaceIn(tag.description, /\n## Sources\n/, `\n${known}\n$&`, 'section Sources');
  types.description += `\n\nThe known types: see [Errors](${placeOf('Errors')}).`;
  for (const [, name] of contract.tags[0].description.matchAll(/^## (.*)$/gm))
    tag.description = tag.description.replaceAll(
      new RegExp(`\\bsee ${name}\\b`, 'g'),
      `see [${name}](${placeOf(name)})`,
    );
  return { ...contract, info, paths, components, tags: [tag] };
}

/** An inlined Redoc still loads its logo from a CDN; it is replaced by the word. */
const LOGO = /https:\/\/cdn\.redoc\.ly\/redoc\/[\w-]+\.svg/g;

/** In Redoc's script: sets whether a menu item is expanded. Only the item of the current place is. */
const EXPANDED = /useEffect\)\(\(\)=>\{let (\w+)=(\w+\((\w+)\));(?=\w+\(\1\),\w+\(\1\)\},\[\3\.modified)/;

/** Until Redoc's script runs, the menu's links are paths, which no static server has. */
const PATH_LINKS = /(<a [^>]*href=")(\/(?:secrets)?")/g;

/**
 * @param {string} page the path of the output file
 * @returns {Promise<number>} its size in bytes
 */
export async function buildApiPage(page) {
  await mkdir(dirname(page), { recursive: true });
  const folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-'));
  try {
    const contract = parse(await readFile(join(generatedDir, 'openapi.yaml'), 'utf8'));
    const input = join(folder, 'openapi.yaml');
    await writeFile(input, stringify(pageContract(contract)));
    const { code, stderr } = await redocly('build-docs', input, '--output', page, '--inlineBundle');
    if (code !== 0) throw new Error(stderr);
  } finally {
    await rm(folder, { recursive: true });
  }
  let html = await readFile(page, 'utf8');
  const script = (await siteScript()).replaceAll('</script', '<\\/script');
  html = replaceIn(html, LOGO, ICON.word, 'logo of Redoc');
  html = replaceIn(html, EXPANDED, 'useEffect)(()=>{let $1=$2||$3.type===`group`;', 'menu that can be expanded');
  html = replaceIn(html, PATH_LINKS, '$1#$2', 'link that is a path');
  // Redoc scrolls its sections to below the header.
  const options = 'const __redoc_options = {';
  const offset = "scrollYOffset:()=>document.querySelector('.site-header').offsetHeight,";
  html = replaceIn(html, options, `${options}${offset}`, 'options');
  html = replaceIn(html, '<title>', `<link rel="icon" href="${ICON.page}">\n  <title>`, 'title');
  // Last in the head, so that it overrides the style in Redoc's script.
  const head = `  <script>${THEME_SCRIPT}</script><style>${await style(['base.css', 'api.css'])}</style>\n</head>`;
  html = replaceIn(html, '</head>\n\n<body>', `${head}\n\n<body>${siteHeader('api.html')}`, 'head');
  html = replaceIn(html, /<\/body>\s*<\/html>\s*$/, () => `<script>${script}</script></body></html>\n`, 'end');
  await writeFile(page, html);
  return Buffer.byteLength(html);
}
