/** The dialogs: each runs one call, and stays open with the error if it fails. */
import type { CallOptions, Secret, SecretsClient } from 'cortex-secrets';
import { type KeyboardEvent, type ReactNode, type RefObject, useEffect, useId, useRef, useState } from 'react';
import { createSecret, deleteSecret, rotateSecret } from './actions.js';
import { type Action, describeError, type ErrorText } from './describe-error.js';

export function ErrorMessage({ error }: { error: ErrorText }) {
  return (
    <div className="error" role="alert">
      <p>
        <strong>{error.title}</strong> {error.advice}
      </p>
      {error.detail && <p className="detail">{error.detail}</p>}
    </div>
  );
}

interface CallDialogProps {
  action: Action;
  title: string;
  /** The label of the button that makes the call, and its label meanwhile. */
  labels: readonly [idle: string, busy: string];
  call: (options: CallOptions) => Promise<void>;
  /** The element that has the focus at first, and after an error. */
  focus: RefObject<HTMLElement>;
  onClose: () => void;
  children: ReactNode;
}

/**
 * A modal dialog with one call. Its form is never submitted: the sandbox of an iframe may forbid that, and then no `submit`
 * event is fired at all.
 */
function CallDialog({ action, title, labels, call, focus, onClose, children }: CallDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [stop, setStop] = useState<AbortController>();
  const [error, setError] = useState<ErrorText>();
  const titleId = useId();

  useEffect(() => {
    dialog.current?.showModal();
    return () => dialog.current?.close();
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `error` says when, and is not read
  useEffect(() => focus.current?.focus(), [focus, error]);
  useEffect(() => () => stop?.abort(), [stop]);

  async function run() {
    if (stop) return;
    const controller = new AbortController();
    setError(undefined);
    setStop(controller);
    try {
      await call({ signal: controller.signal });
      dialog.current?.close(); // gives the focus back
    } catch (thrown) {
      setError(describeError(thrown, action));
    }
    setStop(undefined);
  }

  function runOnEnter(event: KeyboardEvent) {
    if (event.key !== 'Enter' || !(event.target instanceof HTMLInputElement)) return;
    event.preventDefault();
    run();
  }

  return (
    <dialog
      ref={dialog}
      aria-labelledby={titleId}
      onClose={onClose}
      onCancel={(event) => {
        if (!stop) return;
        event.preventDefault();
        stop.abort();
      }}
    >
      <form onKeyDown={runOnEnter} aria-busy={stop !== undefined}>
        <h2 id={titleId}>{title}</h2>
        {children}
        {error && <ErrorMessage error={error} />}
        <div className="buttons">
          <button type="button" onClick={() => (stop ? stop.abort() : dialog.current?.close())}>
            {stop ? 'Stop waiting' : 'Cancel'}
          </button>
          <button
            type="button"
            className={action === 'delete' ? 'danger' : 'primary'}
            aria-disabled={stop !== undefined}
            onClick={run}
          >
            {labels[stop ? 1 : 0]}
          </button>
        </div>
      </form>
    </dialog>
  );
}

/** Uncontrolled: a controlled field would keep the value in React's state. */
function ValueInput({ field, label }: { field: RefObject<HTMLInputElement>; label: string }) {
  const [hasLines, setHasLines] = useState(false);
  const hintId = useId();
  return (
    <label>
      {label}
      <input
        ref={field}
        type="password"
        autoComplete="off"
        spellCheck={false}
        data-1p-ignore
        data-lpignore="true"
        aria-describedby={hintId}
        onPaste={(event) => {
          const isMultiline = /[\r\n]./.test(event.clipboardData.getData('text'));
          if (isMultiline) event.preventDefault();
          setHasLines(isMultiline);
        }}
      />
      <span id={hintId} className="hint" role="status">
        {hasLines
          ? 'Not pasted: this field has one line, and the text has several. Use "cortex-secrets set TAG --value-file FILE".'
          : 'Cortex never shows it again, and this page does not keep it.'}
      </span>
    </label>
  );
}

const present = (field: RefObject<HTMLInputElement>) => field.current as HTMLInputElement;

interface DialogProps {
  secrets: SecretsClient;
  onClose: () => void;
}

export function RotateDialog({ secrets, tag, onDone, onClose }: DialogProps & { tag: string; onDone: () => void }) {
  const field = useRef<HTMLInputElement>(null);
  return (
    <CallDialog
      action="rotate"
      title={`Rotate ${tag}`}
      labels={['Rotate', 'Rotating …']}
      focus={field}
      call={async (options) => {
        await rotateSecret(secrets, tag, present(field), options);
        onDone();
      }}
      onClose={onClose}
    >
      <ValueInput field={field} label="New value" />
    </CallDialog>
  );
}

export function CreateDialog({ secrets, onDone, onClose }: DialogProps & { onDone: (created: Secret) => void }) {
  const tag = useRef<HTMLInputElement>(null);
  const name = useRef<HTMLInputElement>(null);
  const value = useRef<HTMLInputElement>(null);
  const hintId = useId();
  return (
    <CallDialog
      action="create"
      title="New secret"
      labels={['Create', 'Creating …']}
      focus={tag}
      call={async (options) => {
        const labels = { tag: present(tag).value, name: present(name).value };
        onDone(await createSecret(secrets, labels, present(value), options));
      }}
      onClose={onClose}
    >
      <label>
        Tag
        <input ref={tag} autoComplete="off" autoCapitalize="off" spellCheck={false} aria-describedby={hintId} />
        <span id={hintId} className="hint">
          Letters, digits, - and _. It can't be changed later.
        </span>
      </label>
      <label>
        Name
        <input ref={name} autoComplete="off" />
      </label>
      <ValueInput field={value} label="Value" />
    </CallDialog>
  );
}

export function DeleteDialog({ secrets, tag, onDone, onClose }: DialogProps & { tag: string; onDone: () => void }) {
  const text = useRef<HTMLParagraphElement>(null);
  return (
    <CallDialog
      action="delete"
      title={`Delete ${tag}?`}
      labels={['Delete', 'Deleting …']}
      focus={text}
      call={async (options) => {
        await deleteSecret(secrets, tag, options);
        onDone();
      }}
      onClose={onClose}
    >
      <p ref={text} tabIndex={-1}>
        Whatever uses this secret stops working. This can't be undone.
      </p>
    </CallDialog>
  );
}
