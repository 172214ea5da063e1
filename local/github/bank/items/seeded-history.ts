import { type Repository, timestamp } from '../entities.ts';
import { createDraft, type GitDraft } from '../git/draft.ts';
import { createGitRepository } from '../git/git-repository.ts';
import type { GitWrite } from '../git/histories.ts';
import type { Signature } from '../git/objects.ts';
import type { FileEntry } from '../git/trees.ts';
import { createRandom, type Random } from '../random.ts';
import { type Attachment, type ItemState, type ItemTraits, itemJson } from './item-json.ts';
import type { Course } from './item-types.ts';
import { AUTHORING_TOOL, PEOPLE, type Person } from './people.ts';
import { pick } from './prose.ts';

export interface SeededItem {
  readonly traits: ItemTraits;
  readonly course: Course;
  readonly repository: Repository;
}

/** A planned commit. */
interface Save {
  readonly message: string;
  readonly by: Person;
  readonly at: string;
  readonly files: ReadonlyMap<string, FileEntry>;
}

const STATUSES = [
  'Draft',
  'ContentReview',
  'EditorialReview',
  'AccessibilityReview',
  'BiasReview',
  'SmarterContentReview',
  'FieldTestReady',
  'OperationalReady',
  'Operational',
];
const MAX_SAVES = 8;
const TOOL_TAKES_MS = 3_000;

/** The authoring tool writes dates with milliseconds, and git does not. */
const millisecondsOf = (at: string): string => new Date(at).toISOString();

/**
 * The history of one item, reproducible. All commits are newer than the repository, and the last one is a few seconds
 * older than its `pushedAt`.
 */
export function seededHistory(item: SeededItem): GitWrite {
  const random = createRandom(item.traits.seed, `history ${item.traits.number}`);
  const draft = createDraft(createGitRepository());
  const saves = planSaves(item, draft, random);
  const branch = `refs/heads/${item.repository.defaultBranch}`;
  switch (item.course) {
    case 'straight':
      return { refs: [{ name: branch, oid: commitAll(draft, saves) }], objects: draft.objects };
    case 'merged':
      return { refs: [{ name: branch, oid: commitMerged(draft, saves) }], objects: draft.objects };
    case 'being created':
    case 'being revised': {
      const onDefaultBranch = item.course === 'being created' ? 1 : Math.max(2, saves.length - 1);
      const head = commitAll(draft, saves.slice(0, onDefaultBranch));
      const own = commitAll(draft, saves.slice(onDefaultBranch), head);
      const author = saves.at(-1)?.by.login ?? '';
      const refs = [
        { name: branch, oid: head },
        { name: `refs/heads/create_${author}`, oid: own },
      ];
      return { refs, objects: draft.objects };
    }
    default:
      return assertNever(item.course);
  }
}

/** Plans at least as many commits as the course needs. An item being created starts with only a README.md. */
function planSaves({ traits, course, repository }: SeededItem, draft: GitDraft, random: Random): Save[] {
  const readme = { mode: '100644', oid: draft.blob(Buffer.from(`# Item ${traits.number}\n`)) } as const;
  const files = new Map<string, FileEntry>([['README.md', readme]]);
  const count = random.integer(MIN_SAVES[course], MAX_SAVES);
  const dates = ascendingDates(repository, count, random);
  const [author, ...reviewers] = random.shuffled(PEOPLE);
  if (author === undefined) throw new Error('The bank has no people.');
  const updatedDate = millisecondsOf(repository.createdAt);
  let state: ItemState = { status: 'Draft', edition: 1, updatedDate, asl: [], braille: [] };
  return dates.map((at, index) => {
    const by =
      index < 2 || course.startsWith('being') ? author : pick([author, ...reviewers.slice(0, 3)], random);
    const save = { by, at };
    if (index === 0 && course === 'being created') {
      return { ...save, message: 'Initial commit', files: new Map(files) };
    }
    const isFirst = !files.has('item.json');
    const revised = isFirst
      ? { state, message: `Create item ${traits.number}` }
      : revise(state, { draft, files, random, at: millisecondsOf(at) });
    state = revised.state;
    const content = Buffer.from(itemJson(traits, state));
    files.set('item.json', { mode: '100644', oid: draft.blob(content) });
    return { ...save, message: revised.message, files: new Map(files) };
  });
}

const MIN_SAVES: Record<Course, number> = {
  straight: 1,
  merged: 4,
  'being created': 2,
  'being revised': 3,
};

interface Revision {
  draft: GitDraft;
  files: Map<string, FileEntry>;
  random: Random;
  /** When it is saved. */
  at: string;
}

function revise(state: ItemState, revision: Revision): { state: ItemState; message: string } {
  const { random, at } = revision;
  const kind = random.fraction();
  if (kind < 0.25) {
    const edition = state.edition + 1;
    return { state: { ...state, edition, updatedDate: at }, message: pick(EDITS, random) };
  }
  if (kind < 0.35 && state.asl.length === 0) {
    const attachment = attach('asl', 'mp4', revision);
    return { state: { ...state, asl: [attachment] }, message: 'Add the sign language video' };
  }
  if (kind < 0.45 && state.braille.length === 0) {
    const attachment = attach('braille', 'brf', revision);
    return { state: { ...state, braille: [attachment] }, message: 'Add the braille file' };
  }
  const next = Math.min(STATUSES.indexOf(state.status) + random.integer(1, 2), STATUSES.length - 1);
  // After the last status, an item returns to content review.
  const status = STATUSES[next] === state.status ? 'ContentReview' : (STATUSES[next] ?? 'Draft');
  return { state: { ...state, status }, message: `Change workflow status to ${status}` };
}

const EDITS = ['Reword the prompt', 'Revise after content review', 'Correct a distractor', 'Fix typo'];

function attach(folder: string, extension: string, { draft, files, random, at }: Revision): Attachment {
  const bytes = Buffer.from(Array.from({ length: random.integer(40, 200) }, () => random.integer(0, 255)));
  // Git and GitHub recognize a binary file by a zero byte.
  const content = Buffer.concat([bytes, Buffer.from([0])]);
  const fileName = `${folder}-${random.integer(10_000, 99_999)}.${extension}`;
  files.set(`${folder}/${fileName}`, { mode: '100644', oid: draft.blob(content) });
  return { fileName, fileType: extension, size: content.length, uploadedDate: at };
}

function ascendingDates({ createdAt, pushedAt }: Repository, count: number, random: Random): string[] {
  const first = Date.parse(createdAt) + 5000;
  const last = Date.parse(pushedAt) - 2000;
  const between = Array.from({ length: count - 1 }, () => random.fraction()).sort((a, b) => a - b);
  return [...between, 1].map((share) =>
    new Date(first + share * (last - first)).toISOString().replace(/\.\d+Z$/, 'Z'),
  );
}

function commitAll(draft: GitDraft, saves: readonly Save[], parent?: string): string {
  let head = parent;
  for (const save of saves) head = commitSave(draft, save, head === undefined ? [] : [head]);
  if (head === undefined) throw new Error('A history must have at least one commit.');
  return head;
}

/** The last save but one is on a side branch, while the default branch gets another commit; the last one merges both. */
function commitMerged(draft: GitDraft, saves: readonly Save[]): string {
  const [before, onSide, merged] = [saves.slice(0, -2), saves.at(-2), saves.at(-1)];
  if (onSide === undefined || merged === undefined)
    throw new Error('A merge must have at least two commits.');
  const fork = commitAll(draft, before);
  const side = commitSave(draft, onSide, [fork]);
  const notes = draft.blob(Buffer.from(`Reviewed by ${merged.by.name}.\n`));
  const addNotes = (save: Save): ReadonlyMap<string, FileEntry> =>
    new Map([...save.files, ['NOTES.md', { mode: '100644', oid: notes }]]);
  const last = before.at(-1) ?? onSide;
  const ours = { ...onSide, message: 'Add review notes', by: merged.by, files: addNotes(last) };
  const main = commitSave(draft, ours, [fork]);
  const message = `Merge branch 'revise_${onSide.by.login}'`;
  return commitSave(draft, { ...merged, message, files: addNotes(onSide) }, [main, side]);
}

function commitSave(draft: GitDraft, { message, by, at, files }: Save, parents: readonly string[]): string {
  const isMerge = parents.length > 1;
  // The authoring tool commits a moment after a person has saved.
  const savedAt = isMerge ? at : timestamp(new Date(Date.parse(at) - TOOL_TAKES_MS));
  const author = signature(by, savedAt);
  const committer = isMerge ? author : signature(AUTHORING_TOOL, at);
  return draft.commit({ tree: draft.tree(files), parents, author, committer, message });
}

const signature = ({ name, email }: Person, date: string): Signature => ({ name, email, date });

function assertNever(course: never): never {
  throw new Error(`No history for an item that is ${String(course)}`);
}
