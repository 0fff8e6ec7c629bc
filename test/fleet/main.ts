/** Prints the figures of docs/fleet.md: node build/run.mjs test/fleet/main.ts */
import { figuresOf } from './figures';

process.stdout.write(figuresOf({ servers: 300, days: 31, seed: 1 }));
