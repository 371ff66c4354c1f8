/** What a file of secrets holds. */

/** One secret of a file. */
export interface Entry {
  readonly tag: string;
  /** Undefined if the file has no name for it. */
  readonly name: string | undefined;
  readonly secret: string;
  /** Where it begins, counted from 1. */
  readonly line: number;
}

/** What is wrong with a file, and where. Never quotes the file. */
export interface FileProblem {
  readonly line: number;
  readonly text: string;
}

export interface ParsedFile {
  readonly entries: Entry[];
  readonly problems: FileProblem[];
}
