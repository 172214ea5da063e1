/**
 * Beginning of the names of branches on which new items are written. The mirror follows one of them while the default
 * branch has no item.json. In a file of its own, because the receiver of deliveries contains no client of GitHub.
 */
export const CREATE_PREFIX = 'create_';

/** Whether a branch has the name of one on which an item is created. */
export const isCreateBranch = (branch: string | undefined): boolean =>
  branch?.startsWith(CREATE_PREFIX) === true;
