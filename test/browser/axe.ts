/** Runs axe in a page. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export interface Violation {
  id: string;
  impact: string;
  nodes: string[];
}

/** The rules that depend on the colours: all others hold in both schemes, if they hold in one. */
export const COLOUR_RULES = ['color-contrast', 'link-in-text-block'];

/** The violations that axe calls serious or critical: of all rules, or of those given; in the page, or in a part of it. */
export async function seriousViolations(page: Page, rules?: string[], part?: string): Promise<Violation[]> {
  await page.evaluate(`window.axe ?? (() => { ${axe} })()`);
  return page.evaluate(
    async ([values, selector]) => {
      interface Found {
        id: string;
        impact: string;
        nodes: { html: string; target: string[] }[];
      }
      interface Axe {
        run: (context: Document | string, options: object) => Promise<{ violations: Found[] }>;
      }
      const { axe } = window as unknown as { axe: Axe };
      const options = values ? { runOnly: { type: 'rule', values } } : {};
      const { violations } = await axe.run(selector ?? document, {
        ...options,
        resultTypes: ['violations'],
        preload: false,
      });
      return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, impact, nodes }) => ({
          id,
          impact,
          nodes: nodes.map(({ html, target }) => `${target.join(' ')} ${html.slice(0, 120)}`),
        }));
    },
    [rules, part] as const,
  );
}
