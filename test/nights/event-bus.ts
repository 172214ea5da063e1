import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import * as z from 'zod';
import type { ChangeEvent } from '../../functions/shared/contract/events.ts';
import type { Script } from './script.ts';
import type { SimulatedTime } from './simulated-time.ts';
import { answerOf, CLIENT, serviceHandler } from './wire.ts';

const PutEvents = z.object({
  Entries: z.array(z.object({ DetailType: z.string(), Detail: z.string() })),
});

/** An event bus on which incidents happen. */
export interface EventBus {
  newClient: () => EventBridgeClient;
  /** Accepted events, in their order. */
  events: ChangeEvent[];
}

export function createEventBus(time: SimulatedTime, script: Script): EventBus {
  const events: ChangeEvent[] = [];
  const requestHandler = serviceHandler(
    { time, script, callOf: () => 'events' },
    async (_operation, input, outcome) => {
      const { Entries } = PutEvents.parse(input);
      const rejected = outcome && 'entries' in outcome ? 1 : 0;
      const results = Entries.map(({ DetailType: type, Detail }, index) => {
        if (index < rejected) return { ErrorCode: 'ThrottlingException', ErrorMessage: 'too many' };
        events.push({ type, detail: JSON.parse(Detail) } as ChangeEvent);
        return { EventId: String(events.length) };
      });
      return answerOf({ FailedEntryCount: rejected, Entries: results });
    },
  );
  return {
    events,
    newClient: () => new EventBridgeClient({ ...CLIENT, endpoint: 'http://events.invalid', requestHandler }),
  };
}
