/** Exit codes of all commands, for scripts. docs/cli.md lists them. */
export const EXIT = {
  completed: 0,
  failed: 1,
  usage: 2,
  completedWithFailures: 3,
  alreadyRunning: 4,
  /** The API cannot be reached. With `npm run sync`: the stack in which the run was working has ended. */
  unreachable: 5,
  /** What a shell reports for a program that was ended by Ctrl-C. */
  interrupted: 130,
} as const;
export type Exit = (typeof EXIT)[keyof typeof EXIT];

/** The exit code of a command that waited for a run with this exit code. */
export function exitOfRun(exitCode: string | null): Exit {
  switch (exitCode) {
    case 'COMPLETED':
      return EXIT.completed;
    case 'COMPLETED_WITH_FAILURES':
    case 'INCOMPLETE_LISTING':
      return EXIT.completedWithFailures;
    default:
      return EXIT.failed;
  }
}
