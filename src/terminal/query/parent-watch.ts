import { workerData } from 'node:worker_threads';

// A thread that ends its process when the parent is gone, even if that was killed and could send nothing.

const LOOK_MS = 250;

setInterval(() => {
  if (process.ppid !== workerData) process.kill(process.pid, 'SIGKILL');
}, LOOK_MS);
