/** The same plugin in plugin-core's PluginProvider, which replaces `window.fetch`: the client finds it by itself. */
import { CortexApi } from '@cortexapps/plugin-core';
import { PluginProvider, usePluginContext } from '@cortexapps/plugin-core/components';
import { createSecretsClient } from 'cortex-secrets';
import { useEffect, useMemo } from 'react';
import { createRoot } from 'react-dom/client';
import { LIMITS } from './actions.js';
import { applyTheme, NoContext, SecretsPlugin } from './app.js';

function Plugin() {
  // Undefined if the page around the plugin did not send one, whatever its type says.
  const context = usePluginContext() as ReturnType<typeof usePluginContext> | undefined;
  const baseUrl = context?.apiBaseUrl;
  const client = useMemo(() => baseUrl && createSecretsClient({ apiKey: null, baseUrl, ...LIMITS }), [baseUrl]);
  useEffect(() => {
    if (context) applyTheme(context);
  }, [context]);
  return client ? <SecretsPlugin client={client} /> : <NoContext />;
}

CortexApi.pluginInit();
createRoot(document.getElementById('root') as HTMLElement).render(
  <PluginProvider>
    <Plugin />
  </PluginProvider>,
);
