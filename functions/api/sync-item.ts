import { syncItemDependencies } from '../runtime/dependencies.ts';
import { entryPoint } from '../runtime/entry-point.ts';
import { problemResponses } from '../runtime/http.ts';
import { syncItem } from './steps/sync-item.ts';

export const handler = entryPoint(syncItemDependencies, syncItem).use(problemResponses);
