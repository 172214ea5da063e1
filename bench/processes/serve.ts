import * as z from 'zod';

/** What a process of the benchmark does for the one that started it. */
export interface Service {
  /** Told once, when it is up. */
  started: object;
  answers: Readonly<Record<string, () => unknown>>;
  close: () => Promise<void>;
}

const Question = z.object({ id: z.number(), question: z.string() });

/** Answers until this process is ended by the one that started it, or that one is gone. */
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
  // Ctrl-C reaches every process of the terminal. This one is ended in its turn.
  process.on('SIGINT', () => {});
  process.send?.({ started });
}

/** What the process was started with. */
export function readOptions<Schema extends z.ZodType>(schema: Schema): z.output<Schema> {
  return schema.parse(JSON.parse(process.argv[2] ?? ''));
}
