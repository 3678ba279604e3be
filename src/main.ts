#!/usr/bin/env node
import { explain } from './terminal/base/failure.ts';
import { endOnFailedOutput } from './terminal/base/output.ts';
import { run } from './terminal/program.ts';

// Left to Node.js it would be exit code 1, which is that of a finding.
process.on('uncaughtException', (error) => process.exit(explain(error)));
endOnFailedOutput();
process.exitCode = await run(process.argv.slice(2));
