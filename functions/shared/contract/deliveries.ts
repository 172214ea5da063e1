/** Why a delivery is acknowledged and not queued. */
export const DROP_REASONS = [
  /** GitHub announces a new webhook with it. */
  'ping',
  /** The mirror does not follow the branch, or the push is of a tag. */
  'other-branch',
  /** The webhook of an App reports the events of every organization that has installed it. */
  'other-organization',
  'ignored-repository',
  /** Nothing that the mirror shows depends on such an event. */
  'unknown-event',
  'no-repository',
] as const;
export type DropReason = (typeof DROP_REASONS)[number];
