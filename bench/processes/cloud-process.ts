import * as z from 'zod';
import { bringUp } from '../../local/bring-up.ts';
import { prepareStack } from '../../local/command.ts';
import { readConfiguration } from '../../local/configuration.ts';
import { readOptions, serve } from './serve.ts';
import { watchWorkers } from './worker-memory.ts';

const { environment, assembly } = readOptions(
  z.object({ environment: z.record(z.string(), z.string()), assembly: z.string() }),
);
const memory = watchWorkers();
const { cloud, identityProvider, close } = await bringUp(
  prepareStack(['--write'], readConfiguration(environment)),
  { assembly },
);
serve({
  started: {
    awsEndpoint: cloud.awsEndpoint,
    apiEndpoint: cloud.apiEndpoint,
    tokenUrl: identityProvider.tokenUrl,
  },
  answers: { memory: memory.takePeak },
  close: async () => {
    memory.close();
    await close();
  },
});
