/** How one secret is written. */
import type { Secret } from '../../../generated/schema.js';
import type { Context } from '../context.js';
import { type Row, writeRow } from '../output.js';

export const SECRET_COLUMNS = ['tag', 'name', 'id'] as const;

export const secretRow = ({ tag, name, id }: Secret): Row => ({ tag, name, id });

export const writeSecret = ({ io, format }: Context, secret: Secret): Promise<void> =>
  writeRow(io, format, SECRET_COLUMNS, secretRow(secret));
