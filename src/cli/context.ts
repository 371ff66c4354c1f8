/** What every command has: its output, its settings, and a client. */
import { isLoopback } from '../base-url.js';
import type { SecretsClient } from '../client.js';
import type { ClientOptions } from '../options.js';
import { UsageError } from './exit.js';
import { createIo, type Io } from './io.js';
import { type Connection, findConnection } from './network/connection.js';
import { watchResponses } from './network/watch-responses.js';
import { type Format, formatOf, isJson } from './output.js';
import { readSettings, type Settings } from './settings.js';

/** What the client says of an attempt. */
export type AttemptEvent = Parameters<NonNullable<ClientOptions['onAttempt']>>[0];

/** The options that every command takes. */
export interface GlobalOptions {
  baseUrl?: string;
  allowInsecureConnection?: boolean;
  tenant?: string;
  output?: string;
  input?: boolean;
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
  /** What the command talks to, as far as it is known. */
  readonly connection: () => Connection | undefined;
  /** Finds the proxy, if the environment names one. */
  readonly connect: () => Promise<Connection>;
  /** The fetch that goes by this way; undefined for Node's own. */
  readonly fetch: () => Promise<ClientOptions['fetch']>;
  /** Loads the client only if the command needs it. After `stop` its calls start no more attempts. */
  readonly client: (options?: ClientOptions, stop?: AbortSignal) => Promise<SecretsClient>;
}

let current: Context | undefined;

/** The context of the command that runs, once it has one. */
export const currentContext = (): Context | undefined => current;

export function createContext(options: GlobalOptions): Context {
  const { quiet, verbose, debug, output, input } = options;
  if (quiet && (verbose || debug)) throw new UsageError('--quiet contradicts --verbose and --debug');
  const io = createIo({ quiet, verbose: verbose || debug, json: isJson(output), input });
  let settings: Settings | undefined;
  let connection: Connection | undefined;
  const context: Context = {
    io,
    format: formatOf(output),
    hasFormat: output !== undefined,
    settings: () => {
      settings ??= readSettings(options, io);
      return settings;
    },
    connection: () => connection,
    async connect() {
      connection ??= await findConnection(context.settings(), io);
      return connection;
    },
    async fetch() {
      const { proxy, isAgainstNode } = await context.connect();
      if (!proxy && !isAgainstNode) return undefined;
      const { proxyFetch } = await import('./network/proxy-fetch.js');
      return proxyFetch(proxy);
    },
    client: async (more = {}, stop = new AbortController().signal) => {
      const { apiKey, baseUrl, baseUrlSource, allowInsecureConnection } = context.settings();
      const { createStoppableClient } = await import('../client.js');
      const { baseUrl: address, isAgainstNode } = await context.connect();
      const fetch = await context.fetch();
      const watch = watchResponses(io, address, fetch);
      try {
        const onAttempt: ClientOptions['onAttempt'] = (event) => {
          watch.ended();
          io.trace(attemptText(event));
          if (more.onAttempt) more.onAttempt(event);
          else noteRetry(event, io);
        };
        // Of Node's own fetch the client knows that it would take the key to the proxy; this one does not.
        const allowsHttp = allowInsecureConnection || (isAgainstNode && isLoopback(new URL(address).hostname));
        const clientOptions = {
          apiKey,
          baseUrl,
          allowInsecureConnection: allowsHttp,
          ...more,
          fetch: watch.fetch,
          onAttempt,
        };
        return createStoppableClient(clientOptions, stop);
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
  current = context;
  return context;
}

/** A wait that people would take for a hang. */
function noteRetry({ retryInMs = 0, status, error }: AttemptEvent, io: Io): void {
  const seconds = Math.ceil(retryInMs / 1000);
  if (seconds >= 3) io.note(`${status ?? error?.code ?? error?.name}: trying again in ${seconds} s`);
}

/** One line of --verbose: `#3 attempt 1: PUT /api/v1/secrets/{tagOrId} 503 in 12 ms, retry in 300 ms`. */
function attemptText({ callId, attempt, method, path, status, error, durationMs, retryInMs }: AttemptEvent): string {
  const result = status ?? [error?.name, error?.code].filter((text) => text !== undefined).join(' ');
  const retry = retryInMs === undefined ? '' : `, retry in ${retryInMs} ms`;
  return `#${callId} attempt ${attempt}: ${method} ${path} ${result} in ${durationMs} ms${retry}`;
}
