import {
  areEntriesReadable,
  dateOf,
  entriesOf,
  isSilent,
  MAX_NOTE_CHARACTERS,
  type Part,
  storable,
  withoutUndefined,
  writtenTextOf,
} from './json-values.ts';

/** A correction that an item needs. */
interface ContentUpdateNeed {
  createdAt?: string;
  notes?: string;
  resolution?: string;
  resolvedAt?: string;
  internalResolution?: string;
  internallyResolvedAt?: string;
}

/** The corrections that an item needs. The current one is the one that was created last. */
export interface UpdateNeedFields {
  /** The oldest first; one without a date before all others. Absent without needs. */
  contentUpdateNeeds?: ContentUpdateNeed[];
  /** Whether any need has no resolution; absent if that depends on something that cannot be read. */
  hasUnresolvedUpdateNeed?: boolean;
  currentUpdateNeedCreatedAt?: string;
  currentUpdateNeedResolution?: string;
  currentUpdateNeedResolvedAt?: string;
  currentUpdateNeedInternalResolution?: string;
  currentUpdateNeedInternallyResolvedAt?: string;
}

/** @param core of item.json. */
export function updateNeedFields(core: Part): UpdateNeedFields {
  const read: ContentUpdateNeed[] = [];
  let isUnresolved = false;
  let areAllResolved = areEntriesReadable(core, 'contentUpdateNeeds');
  for (const entry of entriesOf(core, 'contentUpdateNeeds')) {
    const need = {
      createdAt: dateOf(entry, 'createDate'),
      notes: writtenTextOf(entry, 'notes', MAX_NOTE_CHARACTERS),
      resolution: writtenTextOf(entry, 'resolution'),
      resolvedAt: dateOf(entry, 'resolutionDate'),
      internalResolution: writtenTextOf(entry, 'internalResolution'),
      internallyResolvedAt: dateOf(entry, 'internalResolutionDate'),
    };
    read.push(withoutUndefined(need));
    if (need.resolution !== undefined) continue;
    areAllResolved = false;
    if (isSilent(entry, 'resolution')) isUnresolved = true;
  }
  const needs = read.toSorted(byCreation);
  const { createdAt, resolution, resolvedAt, internalResolution, internallyResolvedAt }: ContentUpdateNeed =
    needs.at(-1) ?? {};
  const stored = storable(core, 'contentUpdateNeeds', needs.toReversed()).toReversed();
  return {
    ...(stored.length > 0 && { contentUpdateNeeds: stored }),
    ...((isUnresolved || areAllResolved) && { hasUnresolvedUpdateNeed: isUnresolved }),
    ...withoutUndefined({
      currentUpdateNeedCreatedAt: createdAt,
      currentUpdateNeedResolution: resolution,
      currentUpdateNeedResolvedAt: resolvedAt,
      currentUpdateNeedInternalResolution: internalResolution,
      currentUpdateNeedInternallyResolvedAt: internallyResolvedAt,
    }),
  };
}

function byCreation(
  { createdAt: a = '' }: ContentUpdateNeed,
  { createdAt: b = '' }: ContentUpdateNeed,
): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
