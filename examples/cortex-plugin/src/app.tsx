/** The page of the plugin: the list, and the buttons that open the dialogs. No value is ever in its state. */
import type { CortexContextResponse } from '@cortexapps/plugin-core';
import type { Secret, SecretsClient } from 'cortex-secrets';
import { useCallback, useEffect, useRef, useState } from 'react';
import { inOrder, loadSecrets, matching } from './actions.js';
import { describeError, type ErrorText } from './describe-error.js';
import { CreateDialog, DeleteDialog, ErrorMessage, RotateDialog } from './dialogs.js';

/** How many rows are shown at first, and with each "Show more". */
const ROWS = 50;

type OpenDialog = { action: 'create' } | { action: 'rotate' | 'delete'; tag: string };

/** The secrets, and what loading them has come to. */
function useSecrets(client: SecretsClient) {
  const [list, setList] = useState<Secret[]>();
  const [error, setError] = useState<ErrorText>();
  const [isLoading, setLoading] = useState(false);
  const current = useRef<AbortController>();

  const reload = useCallback(async () => {
    current.current?.abort();
    const controller = new AbortController();
    current.current = controller;
    setLoading(true);
    setError(undefined);
    try {
      setList(await loadSecrets(client, { signal: controller.signal }));
    } catch (thrown) {
      if (controller.signal.aborted) return;
      setError(describeError(thrown, 'list'));
    }
    if (!controller.signal.aborted) setLoading(false);
  }, [client]);

  useEffect(() => {
    reload();
    return () => current.current?.abort();
  }, [reload]);
  return { list, setList, error, isLoading, reload };
}

export function SecretsPlugin({ client }: { client: SecretsClient }) {
  const { list, setList, error, isLoading, reload } = useSecrets(client);
  const [words, setWords] = useState('');
  const [rows, setRows] = useState(ROWS);
  const [dialog, setDialog] = useState<OpenDialog>();
  const [notice, setNotice] = useState('');
  const title = useRef<HTMLHeadingElement>(null);

  const open = (next: OpenDialog) => {
    setNotice('');
    setDialog(next);
  };
  const close = () => setDialog(undefined);
  // The button that had the focus is gone with its row.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `list` says when, and is not read
  useEffect(() => {
    if (!dialog && notice && document.activeElement === document.body) title.current?.focus();
  }, [dialog, notice, list]);
  const found = matching(list ?? [], words);
  const tag = dialog && 'tag' in dialog ? dialog.tag : '';

  return (
    <main>
      <header>
        <h1 ref={title} tabIndex={-1}>
          Secrets
        </h1>
        <button type="button" onClick={reload}>
          Reload
        </button>
        <button type="button" className="primary" onClick={() => open({ action: 'create' })}>
          New secret
        </button>
      </header>
      <label className="filter">
        Filter
        <input
          type="search"
          autoComplete="off"
          placeholder="tag, name or id"
          value={words}
          onChange={(event) => {
            setWords(event.target.value);
            setRows(ROWS);
          }}
        />
      </label>
      <p className="status" role="status">
        {notice && <strong>{notice} </strong>}
        {isLoading ? 'Loading …' : list && count(found.length, list.length)}
      </p>
      {error && <ErrorMessage error={error} />}
      {found.length > 0 && <Table secrets={found.slice(0, rows)} open={open} />}
      {found.length > rows && (
        <button type="button" className="more" onClick={() => setRows(rows + ROWS)}>
          Show {Math.min(ROWS, found.length - rows)} more
        </button>
      )}
      {dialog?.action === 'create' && (
        <CreateDialog
          secrets={client}
          onClose={close}
          onDone={(created) => {
            setList((before = []) => inOrder([...before.filter(({ id }) => id !== created.id), created]));
            setNotice(`Created ${created.tag}.`);
          }}
        />
      )}
      {dialog?.action === 'rotate' && (
        <RotateDialog secrets={client} tag={tag} onClose={close} onDone={() => setNotice(`Rotated ${tag}.`)} />
      )}
      {dialog?.action === 'delete' && (
        <DeleteDialog
          secrets={client}
          tag={tag}
          onClose={close}
          onDone={() => {
            setList((before = []) => before.filter((secret) => secret.tag !== tag));
            setNotice(`Deleted ${tag}.`);
          }}
        />
      )}
    </main>
  );
}

function count(found: number, all: number): string {
  if (all === 0) return 'No secrets yet.';
  const secrets = all === 1 ? 'secret' : 'secrets';
  return found === all ? `${all} ${secrets}` : `${found} of ${all} ${secrets}`;
}

function Table({ secrets, open }: { secrets: Secret[]; open: (dialog: OpenDialog) => void }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Tag</th>
          <th scope="col">Name</th>
          <th scope="col">Id</th>
          <th scope="col">
            <span className="only-read">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {secrets.map(({ id, tag, name }) => (
          <tr key={id}>
            <th scope="row">{tag}</th>
            <td>{name}</td>
            <td className="id">{id}</td>
            <td className="actions">
              <button type="button" aria-label={`Rotate ${tag}`} onClick={() => open({ action: 'rotate', tag })}>
                Rotate
              </button>
              <button
                type="button"
                className="danger"
                aria-label={`Delete ${tag}`}
                onClick={() => open({ action: 'delete', tag })}
              >
                Delete
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Follows the theme of the page around the plugin. */
export function applyTheme({ theme }: Pick<CortexContextResponse, 'theme'>): void {
  document.documentElement.dataset.theme = theme === 'dark' ? 'dark' : 'light';
}

/** If the page around the plugin does not say where Cortex is. */
export function NoContext() {
  return (
    <main>
      <ErrorMessage
        error={{
          title: 'Cortex did not say where it is.',
          advice: 'This page works only as a plugin within Cortex. Reload the page around it.',
        }}
      />
    </main>
  );
}
