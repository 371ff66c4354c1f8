/**
 * Random sequences of operations: the in-memory Cortex is the oracle, the same operations go to both, and each response is
 * compared. Ids are mapped, messages are free. A difference shrinks to the shortest sequence that shows it.
 */
import { type Arbitrary, array, asyncProperty, check, constantFrom, option, record } from 'fast-check';
import { type Exchange, RULES, type Session, Tester } from '../../contract-tests/internal.js';
import { createFakeCortex } from '../../testing/fake-cortex.js';

interface Step {
  readonly operation: 'create' | 'get' | 'update' | 'delete';
  /** Which of the tags of the sequence. */
  readonly tag: number;
  readonly byId: boolean;
  readonly name: string | undefined;
  readonly hasValue: boolean;
}

const STEP: Arbitrary<Step> = record({
  operation: constantFrom('create', 'get', 'get', 'update', 'update', 'update', 'delete'),
  tag: constantFrom(0, 0, 0, 1),
  byId: constantFrom(false, false, true),
  name: option(constantFrom('a', 'b', ' c '), { nil: undefined, freq: 4 }),
  hasValue: constantFrom(true, false),
});

/** How each sequence begins, since most operations need a secret. */
const CREATE: Step = { operation: 'create', tag: 0, byId: false, name: undefined, hasValue: true };

export interface SequenceOptions {
  readonly seed?: number | undefined;
  readonly runs?: number | undefined;
  /** Ends the search. */
  readonly isStopped?: () => boolean;
}

export interface SequenceResult {
  readonly seed: number;
  readonly runs: number;
  /** The error of the shortest sequence that differs. */
  readonly failure: unknown;
}

const MAX_SHRINK_MS = 60_000;

export async function randomSequences(session: Session, options: SequenceOptions = {}): Promise<SequenceResult> {
  const { seed = Math.floor(Math.random() * 2 ** 31), runs = 20, isStopped = () => false } = options;
  const property = asyncProperty(array(STEP, { minLength: 1, maxLength: 25, size: 'max' }), async (steps) => {
    if (!isStopped()) await compare(session, steps);
  });
  const { errorInstance, numRuns } = await check(property, {
    seed,
    numRuns: runs,
    interruptAfterTimeLimit: MAX_SHRINK_MS * 5,
  });
  return { seed, runs: numRuns, failure: errorInstance };
}

async function compare(session: Session, steps: readonly Step[]): Promise<void> {
  const t = new Tester(session, RULES.never, Number.POSITIVE_INFINITY);
  const oracle = new Tester(session.at(createFakeCortex()), RULES.never);
  const tags = [t.newTag('-s'), t.newTag('-s')];
  /** The ids of both servers, the newest of each tag. */
  const ids = new Map<string, { ours: string; theirs: string }>();
  for (const step of [CREATE, ...steps]) {
    const tag = tags[step.tag] as string;
    const known = step.byId ? ids.get(tag) : undefined;
    const value = step.hasValue ? t.newValue() : undefined;
    const [theirs, ours] = [
      await send(t, step, tag, known?.theirs ?? tag, value),
      await send(oracle, step, tag, known?.ours ?? tag, value),
    ];
    compareResponses(t, theirs, ours, ids.get(tag));
    if (ours.status === 200 && ours.text !== '') {
      const [mine, other] = [JSON.parse(ours.text), JSON.parse(theirs.text)];
      ids.set(tag, { ours: mine.id, theirs: other.id });
    }
  }
}

function send(t: Tester, { operation, name }: Step, tag: string, tagOrId: string, value?: string): Promise<Exchange> {
  const isEmpty = name === undefined && value === undefined; // its 400 is an assumption
  const fields = {
    ...(isEmpty && { name: 'a' }),
    ...(name !== undefined && { name }),
    ...(value !== undefined && { secret: value }),
  };
  switch (operation) {
    case 'create':
      return t.create({ tag, name: 'a', secret: t.newValue(), ...fields });
    case 'update':
      return t.update(tagOrId, fields);
    case 'get':
      return t.get(tagOrId);
    case 'delete':
      return t.delete(tagOrId);
  }
}

function compareResponses(
  t: Tester,
  theirs: Exchange,
  ours: Exchange,
  known: { ours: string; theirs: string } | undefined,
): void {
  // The contract has both statuses for a tag that is taken.
  if (ours.status !== 200) {
    t.error(theirs, ours.status === 409 ? [400, 409] : [ours.status]);
    return;
  }
  t.status(theirs, [200]);
  if (ours.text === '') return;
  const { id, tag, name } = JSON.parse(ours.text);
  t.secret(theirs, { tag, name, ...(known?.ours === id && { id: known?.theirs as string }) });
}
