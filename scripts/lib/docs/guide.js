// The guide (docs/*.md) and the client's reference (from its TSDoc), rendered by TypeDoc into static files that work
// offline, from file:// too.
import { readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application, Converter, DefaultTheme, DocumentReflection, KindRouter, PageEvent } from 'typedoc';
import { parse } from 'yaml';
import { generatedDir } from '../contract/contract-dir.js';
import { placeOf } from './api-page.js';
import { ICON } from './api-page-style.js';
import { GROUPS, guideFiles } from './guide-files.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

const API_GROUP = 'API reference';
const CLIENT_GROUP = 'Client reference';
const MODULES_GROUP = 'Modules'; // TypeDoc's name of the group
/** The languages of code in the guide; TypeDoc warns of another. */
const LANGUAGES = [
  ...['typescript', 'tsx', 'javascript', 'json', 'yaml', 'bash', 'console', 'python', 'java', 'go', 'csharp', 'ruby'],
  ...['dockerfile', 'groovy', 'ini', 'diff', 'html', 'css'],
];
/** The header's links, as on the API reference. */
const LINKS = {
  Guide: 'guide/getting-started.html',
  'Client reference': 'modules/cortex-secrets.html',
  'API reference': 'api.html',
};

const titleOf = (path) => /^# (.*)$/m.exec(readFileSync(join(root, path), 'utf8'))?.[1] ?? path;

/** The operations and sections of the API reference, so that the navigation and the search lead there too. */
function apiEntries() {
  const { paths, tags, info } = parse(readFileSync(join(generatedDir, 'openapi.yaml'), 'utf8'));
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, { operationId, summary, description }]) => ({
      name: summary,
      text: `${operationId} ${method} ${path}\n${description}`,
      url: `api.html${placeOf(operationId)}`,
    })),
  );
  const [, ...sections] = tags[0].description.split(/^## /m);
  return [
    { name: info.title, text: info.description, url: 'api.html' },
    ...operations,
    ...sections.map((section) => {
      const [name] = section.split('\n');
      return { name: `${name} (API)`, text: section, url: `api.html${placeOf(name)}` };
    }),
  ];
}

/** Where a page of the guide goes (`file`, below guide/), or where an entry of the API reference leads (`url`). */
const addresses = new WeakMap();

class SiteRouter extends KindRouter {
  /** @override */
  buildChildPages(target, pages) {
    const { url } = addresses.get(target) ?? {};
    if (url) this.fullUrls.set(target, url);
    else super.buildChildPages(target, pages);
  }
  /** @override */
  getIdealBaseName(target) {
    const { file } = addresses.get(target) ?? {};
    return file ? `guide/${file}` : super.getIdealBaseName(target);
  }
}

/** An entry with a page and with children of its own becomes two: a link within a summary is hard to reach for some. */
class SiteTheme extends DefaultTheme {
  /** @override */
  buildNavigation(project) {
    /** @type {(entry: import('typedoc').NavigationElement) => import('typedoc').NavigationElement} */
    const split = (entry) => {
      if (!entry.children) return entry;
      const { path, children, ...group } = entry;
      const page = path ? [{ ...group, path, text: `All of ${entry.text}` }] : [];
      return { ...group, children: [...page, ...children.map(split)] };
    };
    return super.buildNavigation(project).map(split);
  }
}

/** The name of a page's file: that of the folder for a README. */
const fileOf = (path) => (basename(path) === 'README.md' ? dirname(path) : basename(path, '.md')).toLowerCase();

/** @param {Application} app */
function plugin(app) {
  app.renderer.defineRouter('site', SiteRouter);
  app.renderer.defineTheme('site', SiteTheme);
  const groups = guideFiles();
  const order = groups.flatMap(([, paths]) => paths);
  const places = new Map();
  const placeIn = (one) => places.get(one) ?? 0;

  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_, document) => {
    const path = relative(root, document.project.files.getReflectionPath(document) ?? '');
    document.name = titleOf(path);
    document.frontmatter.group = groups.find(([, paths]) => paths.includes(path))?.[0];
    addresses.set(document, { file: fileOf(path) });
    places.set(document, order.indexOf(path));
  });

  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const reflection of Object.values(project.reflections)) describe(reflection.comment);
    for (const { name, text, url } of apiEntries()) {
      const entry = new DocumentReflection(name, project, [{ kind: 'text', text }], { group: API_GROUP });
      project.addChild(entry);
      project.registerReflection(entry, undefined, undefined);
      addresses.set(entry, { url });
      places.set(entry, places.size);
    }
  });

  // After TypeDoc's own grouping, which has the priority -100.
  app.converter.on(
    Converter.EVENT_RESOLVE_END,
    ({ project }) => {
      for (const group of project.groups ?? []) {
        if (group.title === MODULES_GROUP) group.title = CLIENT_GROUP;
        group.children.sort((a, b) => placeIn(a) - placeIn(b));
      }
    },
    -200,
  );

  app.renderer.on(PageEvent.END, (page) => {
    page.contents = finishPage(page.contents ?? '', page.url);
  });
}

/** The fields of generated/schema.d.ts have their descriptions in `@description`, which TypeDoc would give a heading. */
function describe(comment) {
  for (const { content } of comment?.getTags('@description') ?? []) comment.summary.push(...content);
  comment?.removeTags('@description');
}

/** Opens the first groups of the navigation, until the reader closes them. */
const OPEN_GROUPS = `try{for(const one of ${JSON.stringify(Object.keys(GROUPS).slice(0, 2))})localStorage["tsd-accordion-"+one]??="true"}catch{}`;

/** Adds what TypeDoc's options can't. */
function finishPage(html, url) {
  const up = '../'.repeat(url.split('/').length - 1);
  for (const link of Object.values(LINKS)) html = html.replaceAll(`href="${link}"`, `href="${up}${link}"`);
  // Browsers load no icons from another file at file://; icons.js adds them to the page.
  html = html.replaceAll(/href="[./]*assets\/icons\.svg#/g, 'href="#');
  // A link to the start page: a folder is no page at file://.
  html = html.replaceAll(/href="((?:\.\.\/)+|\.\/)(?=[#"])/g, 'href="$1index.html');
  // A link within a summary is not reachable for everybody (axe: nested-interactive).
  html = html.replaceAll(/<summary\b.*?<\/summary>/gs, (summary) =>
    summary.replaceAll(/<a [^>]*class="tsd-anchor-icon".*?<\/a>/gs, ''),
  );
  // The text has its own heading, and a path of one part leads nowhere.
  if (url === 'index.html' || url.startsWith('guide/'))
    html = html.replace(/<div class="tsd-page-title">.*?<\/div>/s, '');
  return html.replace('</head>', `<link rel="icon" href="${ICON.page}"/><script>${OPEN_GROUPS}</script></head>`);
}

/**
 * A warning is an error: a link that leads nowhere, a type that the reference lacks.
 *
 * @param {string} folder where the files go; emptied first
 */
export async function buildGuide(folder) {
  const app = await Application.bootstrap({
    entryPoints: ['src/index.ts', 'src/testing/index.ts'].map((path) => join(root, path)),
    tsconfig: join(root, 'tsconfig.build.json'),
    readme: join(root, 'README.md'),
    projectDocuments: guideFiles().flatMap(([, paths]) => paths.map((path) => join(root, path))),
    name: 'cortex-secrets',
    navigationLinks: LINKS,
    router: 'site',
    theme: 'site',
    sort: ['source-order'],
    navigation: { includeGroups: true },
    groupOrder: [...Object.keys(GROUPS).slice(0, 2), API_GROUP, MODULES_GROUP, '*'],
    customCss: fileURLToPath(new URL('./guide.css', import.meta.url)),
    // A file name such as SECURITY.md is no address.
    markdownItOptions: { html: true, linkify: false },
    highlightLanguages: LANGUAGES,
    searchInComments: true,
    searchInDocuments: true,
    disableGit: true,
    disableSources: true,
    excludeInternal: true,
    // cortex-secrets/schema: the API reference shows the same, with examples.
    intentionallyNotExported: [
      'generated/schema.d.ts:paths',
      ...['MediaType', 'HttpMethod', 'Rest', 'ApiPath'].map((name) => `src/api-types.ts:${name}`),
    ],
    includeHierarchySummary: false,
    hideGenerator: true,
    logLevel: 'Warn',
  });
  plugin(app);
  const project = await app.convert();
  if (!project) throw new Error('TypeDoc could not read the sources; its messages are above.');
  app.validate(project);
  await app.generateDocs(project, folder);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error('TypeDoc warns of the above; mend it.');
}
