import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import * as z from 'zod';

/** A child process, so that what is measured does not share a thread with what measures it. */
export interface Child<Started> {
  started: Started;
  ask: <Schema extends z.ZodType>(
    question: string,
    schema: Schema,
    details?: object,
  ) => Promise<z.output<Schema>>;
  end: () => Promise<void>;
}

export interface ChildOptions<Schema> {
  options: object;
  environment?: Record<string, string>;
  /** Options of Node. */
  nodeOptions?: readonly string[];
  /** The schema of the message that it sends when it is up. */
  started: Schema;
}

const Message = z.object({
  id: z.number().optional(),
  started: z.unknown().optional(),
  answer: z.unknown().optional(),
});
type Message = z.infer<typeof Message>;

/** @throws Error if it ends before it is up. Its own error message is on the terminal. */
export async function startChild<Schema extends z.ZodType>(
  program: string,
  { options, environment, nodeOptions = [], started: schema }: ChildOptions<Schema>,
): Promise<Child<z.output<Schema>>> {
  const child = fork(join(import.meta.dirname, program), [JSON.stringify(options)], {
    env: { ...process.env, ...environment },
    execArgv: [...process.execArgv, ...nodeOptions],
  });
  const { started } = await nextMessage(child, program, (message) => 'started' in message);
  let questions = 0;
  return {
    started: schema.parse(started),
    ask: async (question, answer, details) => {
      questions += 1;
      const id = questions;
      const answered = nextMessage(child, program, (message) => message.id === id);
      child.send({ id, question, details });
      return answer.parse((await answered).answer);
    },
    end: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.send({ id: 0, question: 'end' });
      await exited;
    },
  };
}

function nextMessage(
  child: ChildProcess,
  program: string,
  isWanted: (message: Message) => boolean,
): Promise<Message> {
  return new Promise((resolve, reject) => {
    const stopListening = (): void => {
      child.off('message', receive);
      child.off('exit', fail);
    };
    const receive = (received: unknown): void => {
      const message = Message.parse(received);
      if (!isWanted(message)) return;
      stopListening();
      resolve(message);
    };
    const fail = (code: number | null): void => {
      stopListening();
      reject(new Error(`${program} ended with ${code} before it answered`));
    };
    child.on('message', receive);
    child.once('exit', fail);
  });
}
