import {
  branchesOf,
  commitsOf,
  deleteBranch,
  deleteFile,
  type FileChange,
  headOf,
  makeBranch,
  makeCommit,
  makeTree,
  merge,
  moveBranch,
  type Place,
  saveFile,
} from './commits.ts';
import { itemText, SPOILT_ITEMS } from './item-text.ts';
import type { Commitment, Content } from './operations.ts';
import { type KnownRepository, memberAt, type Organization, placeOf } from './organization.ts';

type Of<Kind extends Commitment['kind']> = Extract<Commitment, { kind: Kind }>;

/** The branch of a commit, unless the operation names another one. */
interface Target {
  place: Place;
  branch: string;
  itemId: string;
  now: () => Date;
}

const ITEM = 'item.json';

export async function commit(
  { github, clock }: Organization,
  repository: KnownRepository,
  operation: Commitment,
): Promise<void> {
  const place = placeOf(github, repository);
  const { defaultBranch: branch, id } = repository;
  const target: Target = { place, branch, itemId: String(id), now: clock.now };
  switch (operation.kind) {
    case 'save item':
      return saveItem(target, operation);
    case 'save notes':
      return saveNotes(target);
    case 'mark as being created':
      return saveFile(place, { branch, path: 'create', text: '' });
    case 'spoil item':
      return saveFile(place, { branch, path: ITEM, text: SPOILT_ITEMS[operation.fault] });
    case 'delete item':
      return deleteFile(place, { branch, path: ITEM });
    case 'save item often':
      return saveItemOften(target, operation);
    case 'merge a branch':
      return mergeABranch(target, operation);
    case 'force back':
      return forceBack(target, operation);
    case 'force elsewhere':
      return forceElsewhere(target, operation);
    case 'force to a branch':
      return forceToBranch(target, operation);
    case 'save item being created':
      return saveItemBeingCreated(target, operation);
    case 'merge item being created':
      return mergeItemBeingCreated(target, operation);
    case 'delete branch':
      return operation.branch === branch ? undefined : deleteBranch(place, operation.branch);
  }
}

type Author = Of<'save item'>['author'];

function saveItem(
  { place, branch, itemId, now }: Target,
  { content, author }: { content: Content; author?: Author },
): Promise<void> {
  const committer = author && committerOf(author, now());
  return saveFile(place, {
    ...{ branch, path: ITEM, text: itemText(itemId, content) },
    ...(committer && { committer }),
  });
}

const SLOW_BY_MS = 3 * 24 * 3_600_000;

function committerOf(author: Author, now: Date): FileChange['committer'] {
  switch (author) {
    case 'greta':
      return { name: 'Greta Lindqvist', email: 'glindqvist@assessments.example.org' };
    case 'stranger': {
      const date = new Date(now.getTime() - SLOW_BY_MS).toISOString();
      return { name: 'A Stranger', email: 'stranger@example.org', date };
    }
  }
}

/** Every branch has its own notes, so that they never conflict. */
function saveNotes({ place, branch, now }: Target): Promise<void> {
  return saveFile(place, { branch, path: `notes/${branch}.md`, text: `Noted at ${now().toISOString()}\n` });
}

async function saveItemOften({ place, branch, itemId }: Target, { times }: Of<'save item often'>) {
  let head = await headOf(place, branch);
  if (head === undefined) return;
  const trees: string[] = [];
  for (const status of ['Draft', 'ContentReview'] as const) {
    const item = itemText(itemId, { status, edition: 1, names: 'newer' });
    trees.push(await makeTree(place, { [ITEM]: item }, head));
  }
  for (let time = 0; time < times; time += 1) {
    head = await makeCommit(place, { tree: memberAt(trees, time) ?? '', parents: [head] });
  }
  await moveBranch(place, branch, head);
}

async function mergeABranch(target: Target, { changed, kept, content }: Of<'merge a branch'>): Promise<void> {
  const { place, branch: base } = target;
  const fork = await headOf(place, base);
  if (fork === undefined) return;
  const side = { ...target, branch: `side-${fork.slice(0, 7)}` };
  await makeBranch(place, side.branch, fork);
  if (changed === 'nowhere') await saveNotes(side);
  else await saveItem(side, { content });
  if (changed === 'on both sides') return mergeByHand(target, side, { kept, content });
  await saveNotes(target);
  await merge(place, { base, head: side.branch });
}

/** Resolves a conflict like a person who keeps one of the sides, or writes the item anew. */
async function mergeByHand(
  target: Target,
  side: Target,
  { kept, content }: Pick<Of<'merge a branch'>, 'kept' | 'content'>,
): Promise<void> {
  const { place, branch, itemId } = target;
  const contents = { theirs: content, ours: { ...content, edition: 3 }, neither: { ...content, edition: 4 } };
  await saveItem(target, { content: contents.ours });
  const parents = [await headOf(place, branch), await headOf(place, side.branch)].filter(isThere);
  const tree = await makeTree(place, { [ITEM]: itemText(itemId, contents[kept]) }, parents[0]);
  await moveBranch(place, branch, await makeCommit(place, { tree, parents }));
}

const isThere = (sha: string | undefined): sha is string => sha !== undefined;

async function forceBack({ place, branch }: Target, { commits }: Of<'force back'>): Promise<void> {
  const [, ...older] = await commitsOf(place, branch);
  const sha = memberAt(older, commits);
  if (sha !== undefined) await moveBranch(place, branch, sha);
}

/** Moves the branch to a commit without parents. */
async function forceElsewhere(
  { place, branch, itemId }: Target,
  { content }: Of<'force elsewhere'>,
): Promise<void> {
  if ((await headOf(place, branch)) === undefined) return;
  const page = { 'README.md': '# Begun anew\n' };
  const item = content && { [ITEM]: itemText(itemId, content) };
  const tree = await makeTree(place, { ...page, ...item });
  await moveBranch(place, branch, await makeCommit(place, { tree, parents: [] }));
}

async function forceToBranch({ place, branch }: Target, { head }: Of<'force to a branch'>): Promise<void> {
  const to = memberAt(await branchesOf(place), head);
  if (to) await moveBranchTo(place, branch, to.name);
}

/** Does nothing if one of the branches does not exist. */
async function moveBranchTo(place: Place, branch: string, to: string): Promise<void> {
  const [before, sha] = [await headOf(place, branch), await headOf(place, to)];
  if (before !== undefined && sha !== undefined) await moveBranch(place, branch, sha);
}

async function saveItemBeingCreated(
  target: Target,
  { branch, content }: Of<'save item being created'>,
): Promise<void> {
  await makeBranch(target.place, branch, await headOf(target.place, target.branch));
  await saveItem({ ...target, branch }, { content });
}

async function mergeItemBeingCreated(
  { place, branch: base }: Target,
  { branch: head, how }: Of<'merge item being created'>,
): Promise<void> {
  if (how === 'by a merge commit') return merge(place, { base, head });
  await moveBranchTo(place, base, head);
}
