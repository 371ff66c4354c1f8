/** Shows how far a command is: one line that is redrawn on a terminal, a few plain lines elsewhere. */
import type { Io } from '../io.js';
import { clip } from '../table.js';

const REDRAW_MS = 100;
/** Plain lines: one for each tenth of the work, if it is worth it. */
const PLAIN_PARTS = 10;
const PLAIN_FROM = 50;
/** With fewer the line is short. */
const NARROW_COLUMNS = 60;

export interface Progress {
  /** One more secret has ended. */
  add(failed: boolean): void;
  /** All requests wait for this long, after a 429. */
  paused(ms: number): void;
  /** Requests in flight are being waited for. */
  stopping(): void;
  end(): void;
}

export function createProgress(
  io: Io,
  command: string,
  total: number,
  now: () => number = () => performance.now(),
): Progress {
  const started = now();
  let done = 0;
  let failed = 0;
  let pausedUntil = 0;
  let plainParts = 0;
  let isStopping = false;

  const text = () => {
    const seconds = (now() - started) / 1000;
    const rate = seconds > 0 ? done / seconds : 0;
    const pause = Math.ceil((pausedUntil - now()) / 1000);
    const isNarrow = io.columns < NARROW_COLUMNS;
    const parts = [isNarrow ? `${command} ${done}/${total}` : `${command}: ${done} of ${total} done`];
    if (failed > 0) parts.push(`${failed} failed`);
    if (isStopping) parts.push(isNarrow ? 'stopping' : 'waiting for requests in flight');
    else if (pause > 0) parts.push(isNarrow ? `paused ${pause} s` : `paused ${pause} s by the rate limit`);
    else if (done > 0 && seconds >= 1) {
      if (!isNarrow) parts.push(`${rateText(rate)}/s`);
      parts.push(`${timeText((total - done) / rate)} left`);
    }
    return clip(parts.join(', '), io.columns - 1);
  };
  const redraw = () => {
    if (io.canRedraw) io.progress(text());
  };
  const timer = io.canRedraw ? setInterval(redraw, REDRAW_MS) : undefined;
  redraw();
  return {
    add(isFailed) {
      done++;
      if (isFailed) failed++;
      const parts = Math.floor((done * PLAIN_PARTS) / total);
      if (io.canRedraw || total < PLAIN_FROM || parts === plainParts) return;
      plainParts = parts;
      if (done < total) io.note(text());
    },
    paused(ms) {
      const isNew = pausedUntil <= now();
      pausedUntil = Math.max(pausedUntil, now() + ms);
      if (isNew && !io.canRedraw && ms >= 1000) io.note(text());
    },
    stopping() {
      isStopping = true;
      if (io.canRedraw) redraw();
      else io.note(text());
    },
    end() {
      clearInterval(timer);
      if (io.canRedraw) io.progress('');
    },
  };
}

const rateText = (rate: number) => (rate < 10 ? rate.toFixed(1) : String(Math.round(rate)));

function timeText(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
