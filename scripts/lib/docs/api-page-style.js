// What is added to Redoc's page: colours with enough contrast, a header with links to the guide, an icon.

function svg(width, height, inner) {
  const picture = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}">${inner}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(picture)}`;
}

export const ICON = {
  /** In the place of Redoc's logo. */
  word: svg(40, 12, '<text y="10" font-family="sans-serif" font-size="11" fill="#3d86e0">Redoc</text>'),
  /** A keyhole. Without an icon every browser requests /favicon.ico. */
  page: svg(
    16,
    16,
    '<rect width="16" height="16" rx="4" fill="#1269c7"/><path d="M8 4a2 2 0 0 1 1 3.7V12H7V7.7A2 2 0 0 1 8 4" fill="#fff"/>',
  ),
};

/** The files of the contract beside the page. */
export const CONTRACTS = ['openapi.yaml', 'openapi.json', 'openapi-3.0.json'];

/** Takes over the colours that the reader has chosen in the guide, and hands over a choice that is made here. */
const SAME_COLOURS = `
    try {
      const chosen = localStorage['tsd-theme'] ?? 'os';
      if (chosen !== 'os') localStorage['redoc.colorMode'] = chosen;
      else if ('tsd-theme' in localStorage) localStorage.removeItem('redoc.colorMode');
      addEventListener('pagehide', () => {
        const system = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
        const mode = localStorage['redoc.colorMode'];
        if (mode && mode !== (chosen === 'os' ? system : chosen)) localStorage['tsd-theme'] = mode;
      });
    } catch {}
  `;

/** The header: it scrolls away, since Redoc's own sticky parts begin at the top of the window. */
export function apiHeader() {
  const downloads = CONTRACTS.map((name) => `<a href="${name}" download>${name}</a>`).join(' ');
  return `
  <script>${SAME_COLOURS}</script>
  <header class="site-header">
    <a href="index.html"><b>cortex-secrets</b></a> <a href="guide/getting-started.html">Guide</a>
    <a href="modules/cortex-secrets.html">Client reference</a> <span>API reference</span>
    <span class="downloads">Download: ${downloads}</span>
  </header>`;
}

/** Replaces colours of Redoc whose contrast is below 4.5 to 1 (WCAG 2.2, 1.4.3), and mends its layout. */
export const API_STYLE = `
    html.light {
      --color-blue-5: #2459b8; --color-blue-6: #0b5fd3; --color-blue-7: #2459b8;
      --color-carrot-5: #9c5209; --color-carrot-7: #9c5209;
      --input-content-placeholder-color: #666875;
    }
    html.light .tag-get { --tag-color: #0f7a41; }
    html.light .tag-post { --tag-color: #1552d6; }
    html.light .tag-put { --tag-color: #985304; }
    html.light .tag-delete { --tag-color: #b8083a; }
    html.dark {
      --input-content-placeholder-color: #a3a5b3;
      --code-block-tokens-keyword-color: #ff85bf;
    }
    html.dark [id*="[]"] .schema-name { color: #b3b0ff !important; }

    .site-header {
      display: flex; flex-wrap: wrap; gap: 4px 20px; padding: 10px 24px; box-sizing: border-box;
      border-bottom: 1px solid #d5d5dd; background: #fff; color: #3b3c45; font: 14px/1.6 system-ui, sans-serif;
    }
    .site-header a { white-space: nowrap; color: #0b5fd3; }
    .site-header b { font-weight: 600; }
    .site-header .downloads { margin-left: auto; }
    html.dark .site-header { border-color: #3f4049; background: #16171d; color: #d3d4db; }
    html.dark .site-header a { color: #8ab8ff; }

    /* The set-up fits into its column. */
    main pre { font-size: 12px !important; line-height: 18px !important; }
    main h1 { font-size: 28px !important; line-height: 36px !important; }
    /* The button that copies covers the end of the first line otherwise. */
    .code-block-header { position: static !important; display: flex; justify-content: flex-end; }
    /* An example changes the payload only, not the code of the other languages. */
    .panel-request-samples:has(code[data-language]:not([data-language="json"])) div:has(> button[aria-label="Example"]) {
      display: none;
    }
`;
