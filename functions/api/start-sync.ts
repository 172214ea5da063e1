import { startDependencies } from '../runtime/dependencies.ts';
import { entryPoint } from '../runtime/entry-point.ts';
import { problemResponses } from '../runtime/http.ts';
import { startSync } from './steps/start-sync.ts';

export const handler = entryPoint(startDependencies, startSync).use(problemResponses);
