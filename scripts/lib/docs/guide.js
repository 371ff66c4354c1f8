// The guide (docs/*.md) and the client's reference (from its TSDoc): TypeDoc makes their contents, layout.js the pages.
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  Application,
  Converter,
  DefaultTheme,
  DefaultThemeRenderContext,
  JSX,
  KindRouter,
  PageEvent,
  ReflectionKind,
} from 'typedoc';
import { setUpParser } from './code-blocks.js';
import { guideFiles } from './guide-files.js';
import { descriptionOf, editLink, packageJson, pageHtml, partOf } from './layout.js';
import { markdownFor } from './markdown.js';
import { tidy } from './tidy.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The languages of code in the guide; TypeDoc warns of another. */
const LANGUAGES = [
  ...['typescript', 'tsx', 'javascript', 'json', 'yaml', 'bash', 'console', 'python', 'java', 'go', 'csharp', 'ruby'],
  ...['dockerfile', 'groovy', 'ini', 'diff', 'html', 'css'],
];
/** The order of the client's navigation within a module. */
const KINDS = [
  ...[ReflectionKind.Module, ReflectionKind.Function, ReflectionKind.Class, ReflectionKind.Interface],
  ...[ReflectionKind.TypeAlias, ReflectionKind.Variable],
];

const textOf = (path) => readFileSync(join(root, path), 'utf8');
const titleOf = (path) => /^# (.*)$/m.exec(textOf(path))?.[1] ?? path;
/** The name of a page's file: that of the folder for a README. */
const fileOf = (path) => (basename(path) === 'README.md' ? dirname(path) : basename(path, '.md')).toLowerCase();
const urlOf = (path) => `guide/${fileOf(path)}.html`;

/** Where a page of the guide goes, below guide/. */
const addresses = new WeakMap();

class SiteRouter extends KindRouter {
  /** @override */
  getIdealBaseName(target) {
    return addresses.get(target) ?? super.getIdealBaseName(target);
  }
}

class SiteContext extends DefaultThemeRenderContext {
  /**
   * The contents alone, without TypeDoc's header, navigation and icons.
   *
   * @override
   */
  defaultLayout = (template, page) =>
    JSX.createElement(JSX.Fragment, null, this.header(page), /** @type {any} */ (template)(page));
}

class SiteTheme extends DefaultTheme {
  /** @override */
  ContextClass = SiteContext;
}

/** The fields of generated/schema.d.ts have their descriptions in `@description`, which TypeDoc would give a heading. */
function describe(comment) {
  for (const { content } of comment?.getTags('@description') ?? []) comment.summary.push(...content);
  comment?.removeTags('@description');
}

/** The pages of the client's reference, by module. */
function clientGroups(project, router) {
  const modules = project.getReflectionsByKind(ReflectionKind.Module);
  return modules.map((module) => ({
    title: module.name,
    pages: [module, ...module.children]
      .filter((one) => router.hasOwnDocument(one))
      .sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind))
      .map((one) => ({ title: one === module ? 'Overview' : one.name, url: router.getFullUrl(one) })),
  }));
}

/**
 * Replaces the contents of each page by the whole page.
 *
 * @param {Application} app
 */
function plugin(app) {
  const pages = [];
  app.renderer.defineRouter('site', SiteRouter);
  app.renderer.defineTheme('site', SiteTheme);
  const files = guideFiles();
  const sources = new Map();
  const guide = files.map(([title, paths]) => ({
    title,
    pages: paths.map((path) => ({ title: titleOf(path), url: urlOf(path) })),
  }));
  const { repository } = packageJson();

  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_, document) => {
    const path = relative(root, document.project.files.getReflectionPath(document) ?? '');
    document.name = titleOf(path);
    addresses.set(document, `guide/${fileOf(path)}`);
    sources.set(urlOf(path), path);
  });
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const reflection of Object.values(project.reflections)) describe(reflection.comment);
  });
  app.renderer.on(PageEvent.END, (page) => {
    const { url, model } = page;
    const content = tidy(page.contents ?? '', url);
    const path = sources.get(url);
    const headings = page.pageSections.flatMap((section) =>
      section.headings.map(({ link, text, level = 2 }) => ({ id: link.slice(1), text, level })),
    );
    const title = url === 'index.html' ? 'cortex-secrets' : model.name;
    const description = descriptionOf(content) || `${title}, in the reference of cortex-secrets`;
    const markdown = path ? markdownFor(textOf(path), content) : undefined;
    pages.push({ url, title, description, content, markdown, path });
    const isGuide = ['Guide', 'Command line'].includes(partOf(url) ?? '');
    const client = clientGroups(page.project, app.renderer.router);
    page.contents = pageHtml({
      ...{ url, title, description, content, markdown },
      // A module's are those of the navigation.
      headings:
        url === 'index.html' || url.startsWith('modules/')
          ? []
          : headings.filter(({ level }) => level > 1 && level < 4),
      groups: url === 'index.html' ? [] : isGuide ? guide : client,
      edit: path ? editLink(repository, path) : '',
    });
  });
  return pages;
}

/**
 * A warning is an error: a link that leads nowhere, a type that the reference lacks.
 *
 * @param {string} folder where the files go; emptied first
 * @returns {Promise<{ pages: any[], highlighting: string }>} what each page contains, and the style of code
 */
export async function buildGuide(folder) {
  const app = await Application.bootstrap({
    entryPoints: ['src/index.ts', 'src/testing/index.ts'].map((path) => join(root, path)),
    tsconfig: join(root, 'tsconfig.build.json'),
    readme: fileURLToPath(new URL('./front-page.md', import.meta.url)),
    projectDocuments: guideFiles().flatMap(([, paths]) => paths.map((path) => join(root, path))),
    name: 'cortex-secrets',
    router: 'site',
    theme: 'site',
    sort: ['source-order'],
    useFirstParagraphOfCommentAsSummary: true,
    // A file name such as SECURITY.md is no address.
    markdownItOptions: { html: true, linkify: false },
    markdownItLoader: setUpParser,
    highlightLanguages: LANGUAGES,
    // A default value is text, and so is an example of generated/schema.d.ts.
    jsDocCompatibility: { defaultTag: false, exampleTag: false },
    disableGit: true,
    disableSources: true,
    excludeInternal: true,
    // A check of its own does that, in half the time.
    skipErrorChecking: true,
    // cortex-secrets/schema: the API reference shows the same, with examples.
    intentionallyNotExported: [
      'generated/schema.d.ts:paths',
      ...['MediaType', 'HttpMethod', 'Rest', 'ApiPath'].map((name) => `src/api-types.ts:${name}`),
    ],
    includeHierarchySummary: false,
    hideGenerator: true,
    logLevel: 'Warn',
  });
  const pages = plugin(app);
  const project = await app.convert();
  if (!project) throw new Error('TypeDoc could not read the sources; its messages are above.');
  app.validate(project);
  await app.generateDocs(project, folder);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error('TypeDoc warns of the above; fix it.');
  const highlighting = readFileSync(join(folder, 'assets', 'highlight.css'), 'utf8');
  await rm(join(folder, 'assets'), { recursive: true });
  return { pages, highlighting };
}
