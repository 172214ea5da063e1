import { mirrorDependencies } from '../runtime/dependencies.ts';
import { entryPoint } from '../runtime/entry-point.ts';
import { problemResponses } from '../runtime/http.ts';
import { findItems } from './steps/find-items.ts';

export const handler = entryPoint(mirrorDependencies, findItems).use(problemResponses);
