import * as z from 'zod';

/** What a child process of the benchmark does for its parent. */
export interface Service {
  /** Sent once, when the process is up. */
  started: object;
  answers: Readonly<Record<string, () => unknown>>;
  close: () => Promise<void>;
}

const Question = z.object({ id: z.number(), question: z.string() });

/** Answers questions until the parent ends this process or is gone. */
export function serve({ started, answers, close }: Service): void {
  let isEnding = false;
  const end = async (): Promise<void> => {
    if (isEnding) return;
    isEnding = true;
    await close();
    process.exit();
  };
  process.on('message', async (message) => {
    const { id, question } = Question.parse(message);
    const answer = question === 'end' ? await end() : await answers[question]?.();
    process.send?.({ id, answer });
  });
  process.once('disconnect', end);
  // Ctrl-C reaches every process of the terminal. The parent ends this one.
  process.on('SIGINT', () => {});
  process.send?.({ started });
}

/** Parses the options that the parent started this process with. */
export function readOptions<Schema extends z.ZodType>(schema: Schema): z.output<Schema> {
  return schema.parse(JSON.parse(process.argv[2] ?? ''));
}
