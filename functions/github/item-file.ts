import * as z from '../shared/zod.ts';

/** Of SHA-1, or of SHA-256 where a repository uses that. */
export const ObjectId = z.string().check(z.regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/));

/** ISO 8601 in UTC, so that times compare as texts. */
export const Time = z.pipe(
  z.iso.datetime({ offset: true }),
  z.transform((time) => new Date(time).toISOString()),
);

/** Selected of a commit. */
export const ITEM_FILE = 'file(path: "item.json") { oid mode size }';

// The upper bits of git's mode are the kind. A folder (040000), a submodule (160000) and a symbolic link (120000) are
// no item.json.
const KIND = 0o170_000;
const REGULAR_FILE = 0o100_000;

/** The blob of item.json at a commit; undefined where it has none. */
export const ItemFile = z.pipe(
  z.nullable(z.object({ oid: ObjectId, mode: z.int(), size: z.int().check(z.nonnegative()) })),
  z.transform((file) =>
    file && (file.mode & KIND) === REGULAR_FILE ? { oid: file.oid, byteSize: file.size } : undefined,
  ),
);
