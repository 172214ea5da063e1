import { dateOf, entriesOf, type Part, storable, writtenTextOf } from './json-values.ts';

/** Who has to work on an item. */
interface Assignment {
  assignedTo: string;
  assignedBy?: string;
  assignedAt: string;
}

/** The assignments of an item, and the four texts by which people search for them. Absent without assignments. */
export interface AssignmentFields {
  /** Sorted by `assignedTo` without regard to case. */
  assignments?: Assignment[];
  assignedTo?: string;
  /** Has a gap for an assignment that does not say by whom it was made. */
  assignedBy?: string;
  /** As `MM/dd/yy` in UTC. */
  assignedDates?: string;
  /** In milliseconds since 1970. */
  assignedDateSort?: string;
}

/** An assignment without a person or without a date is left out. */
export function assignmentFields(file: Part): AssignmentFields {
  const read: Assignment[] = [];
  for (const entry of entriesOf(file, 'assignments')) {
    const assignedTo = writtenTextOf(entry, 'assignedTo');
    const assignedBy = writtenTextOf(entry, 'assignedBy');
    const assignedAt = dateOf(entry, 'assignedDate');
    if (assignedTo === undefined || assignedAt === undefined) continue;
    read.push({ assignedTo, ...(assignedBy !== undefined && { assignedBy }), assignedAt });
  }
  const assignments = storable(file, 'assignments', read).toSorted(byPerson);
  if (assignments.length === 0) return {};
  return {
    assignments,
    assignedTo: assignments.map(({ assignedTo }) => assignedTo).join(', '),
    assignedBy: assignments.map(({ assignedBy = '' }) => assignedBy).join(', '),
    assignedDates: assignments.map(({ assignedAt }) => shortDate(assignedAt)).join(', '),
    assignedDateSort: assignments.map(({ assignedAt }) => Date.parse(assignedAt)).join(','),
  };
}

function byPerson(a: Assignment, b: Assignment): number {
  const [first, second] = [a.assignedTo.toLowerCase(), b.assignedTo.toLowerCase()];
  if (first === second) return 0;
  return first < second ? -1 : 1;
}

function shortDate(date: string): string {
  const [year = '', month = '', day = ''] = date.slice(0, 10).split('-');
  return `${month}/${day}/${year.slice(2)}`;
}
