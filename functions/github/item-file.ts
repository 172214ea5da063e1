import * as z from '../shared/zod.ts';

/** A SHA-1, or a SHA-256 if the repository uses it. */
export const ObjectId = z.string().check(z.regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/));

/** ISO 8601, converted to UTC so that times can be compared as strings. */
export const Time = z.pipe(
  z.string().check(
    z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/),
    z.refine((time) => !Number.isNaN(Date.parse(time))),
  ),
  z.transform((time) => new Date(time).toISOString()),
);

/** A field of Commit, to be parsed by ItemFile. */
export const ITEM_FILE = 'file(path: "item.json") { oid mode size }';

// The upper bits of git's mode are the kind of entry: a folder (040000), a submodule (160000), a symbolic link
// (120000), or a regular file (100000). Only a regular file is an item.json.
const KIND = 0o170_000;
const REGULAR_FILE = 0o100_000;

const isRegularFile = (mode: number): boolean => (mode & KIND) === REGULAR_FILE;

/** A field of Commit, to be parsed by CreateFile: the file with which the authoring tool marks an item being created. */
export const CREATE_FILE = 'createFile: file(path: "create") { mode }';

/** Whether a commit has the file. */
export const CreateFile = z.pipe(
  z.nullable(z.object({ mode: z.int() })),
  z.transform((file) => file !== null && isRegularFile(file.mode)),
);

/** The blob of item.json in a commit; undefined if the commit has none. */
export const ItemFile = z.pipe(
  z.nullable(z.object({ oid: ObjectId, mode: z.int(), size: z.int().check(z.nonnegative()) })),
  z.transform((file) =>
    file && isRegularFile(file.mode) ? { oid: file.oid, byteSize: file.size } : undefined,
  ),
);
