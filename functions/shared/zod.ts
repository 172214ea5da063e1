import { en } from 'zod/locales';
import * as z from 'zod/mini';

// zod/mini has no messages of its own, and people read these.
z.config(en());

export * from 'zod/mini';
