import { en } from 'zod/locales';
import * as z from 'zod/mini';

// zod/mini leaves out the words for faults, and people are to read them.
z.config(en());

export * from 'zod/mini';
