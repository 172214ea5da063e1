import type { Hook, HookOwner } from './entities.ts';

export interface HookIndex {
  of(owner: HookOwner): readonly Hook[];
  nextId(): number;
  write(owner: HookOwner, hook: Hook): void;
  remove(owner: HookOwner, hookId: number): void;
  forget(owner: HookOwner): void;
}

export function indexHooks(initial: ReadonlyMap<HookOwner, readonly Hook[]>): HookIndex {
  const byOwner = new Map(initial);
  const of = (owner: HookOwner): readonly Hook[] => byOwner.get(owner) ?? [];
  const without = (owner: HookOwner, hookId: number) => of(owner).filter(({ id }) => id !== hookId);
  // Not the highest existing id, because the id of a deleted hook must not be reused.
  let lastId = [...initial.values()].flat().reduce((highest, { id }) => Math.max(highest, id), 0);
  return {
    of,
    nextId: () => lastId + 1,
    write(owner, hook) {
      const hooks = [...without(owner, hook.id), hook].sort((a, b) => a.id - b.id);
      byOwner.set(owner, hooks);
      lastId = Math.max(lastId, hook.id);
    },
    remove(owner, hookId) {
      byOwner.set(owner, without(owner, hookId));
    },
    forget: (owner) => void byOwner.delete(owner),
  };
}
