/** What every command has: its output, its settings, and a client. */
import type { SecretsClient } from '../client.js';
import type { ClientOptions } from '../options.js';
import { UsageError } from './exit.js';
import { createIo, type Io } from './io.js';
import { type Format, formatOf } from './output.js';
import { readSettings, type Settings } from './settings.js';

/** What the client says of an attempt. */
export type AttemptEvent = Parameters<NonNullable<ClientOptions['onAttempt']>>[0];

/** The options that every command takes. */
export interface GlobalOptions {
  baseUrl?: string;
  allowInsecureConnection?: boolean;
  tenant?: string;
  output?: string;
  quiet?: boolean;
  verbose?: boolean;
  debug?: boolean;
}

export interface Context {
  readonly io: Io;
  readonly format: Format;
  /** Whether --output was given. */
  readonly hasFormat: boolean;
  readonly settings: () => Settings;
  /** Loads the client only if the command needs it. After `stop` its calls start no more attempts. */
  readonly client: (options?: ClientOptions, stop?: AbortSignal) => Promise<SecretsClient>;
}

export function createContext(options: GlobalOptions): Context {
  const { quiet, verbose, debug, output } = options;
  if (quiet && (verbose || debug)) throw new UsageError('--quiet contradicts --verbose and --debug');
  const io = createIo({ quiet, verbose: verbose || debug });
  let settings: Settings | undefined;
  const context: Context = {
    io,
    format: formatOf(output),
    hasFormat: output !== undefined,
    settings: () => {
      settings ??= readSettings(options, io);
      return settings;
    },
    client: async (more = {}, stop = new AbortController().signal) => {
      const { apiKey, baseUrl, baseUrlSource, allowInsecureConnection } = context.settings();
      const { createStoppableClient } = await import('../client.js');
      try {
        const onAttempt: ClientOptions['onAttempt'] = (event) => {
          io.trace(attemptText(event));
          more.onAttempt?.(event);
        };
        return createStoppableClient({ apiKey, baseUrl, allowInsecureConnection, ...more, onAttempt }, stop);
      } catch (error) {
        // The messages name the options of the library, and quote neither the key nor the address.
        const { message } = error as Error;
        const named = message
          .replace(/^baseUrl/, baseUrlSource ?? 'baseUrl')
          .replace('allowInsecureConnection: true', '--allow-insecure-connection');
        throw new UsageError(named);
      }
    },
  };
  return context;
}

/** One line of --verbose: `#3 attempt 1: PUT /api/v1/secrets/{tagOrId} 503 in 12 ms, retry in 300 ms`. */
function attemptText({ callId, attempt, method, path, status, error, durationMs, retryInMs }: AttemptEvent): string {
  const result = status ?? [error?.name, error?.code].filter((text) => text !== undefined).join(' ');
  const retry = retryInMs === undefined ? '' : `, retry in ${retryInMs} ms`;
  return `#${callId} attempt ${attempt}: ${method} ${path} ${result} in ${durationMs} ms${retry}`;
}
