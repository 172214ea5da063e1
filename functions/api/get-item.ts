import { mirrorDependencies } from '../runtime/dependencies.ts';
import { entryPoint } from '../runtime/entry-point.ts';
import { problemResponses } from '../runtime/http.ts';
import { getItem } from './steps/get-item.ts';

export const handler = entryPoint(mirrorDependencies, getItem).use(problemResponses);
