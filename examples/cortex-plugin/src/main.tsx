/** The plugin with plugin-core's API alone: the client is given `CortexApi.proxyFetch`. */
import { CortexApi } from '@cortexapps/plugin-core';
import { createSecretsClient } from 'cortex-secrets';
import { createRoot } from 'react-dom/client';
import { LIMITS } from './actions.js';
import { applyTheme, NoContext, SecretsPlugin } from './app.js';

async function start() {
  const root = createRoot(document.getElementById('root') as HTMLElement);
  CortexApi.pluginInit();
  try {
    const context = await CortexApi.getContext();
    applyTheme(context);
    const client = createSecretsClient({
      apiKey: null,
      baseUrl: context.apiBaseUrl,
      fetch: CortexApi.proxyFetch,
      ...LIMITS,
    });
    root.render(<SecretsPlugin client={client} />);
  } catch {
    root.render(<NoContext />);
  }
}

start();
