#!/usr/bin/env node
import { quietBrokenPipe } from './terminal/output.ts';
import { run } from './terminal/program.ts';

quietBrokenPipe();
process.exitCode = await run(process.argv.slice(2));
