// The peer program for BullMQ: "produce FIRST COUNT MS" adds numbered jobs, "work CONCURRENCY" is the worker, "given-up" counts failed jobs, "version" says what this is.
import { readFileSync } from 'node:fs';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';

const [mode, ...numbers] = process.argv.slice(2);
const connection = { host: '127.0.0.1', port: Number(process.env.BROKER), maxRetriesPerRequest: null };

// One clock for every peer: that of the journal's server.
const NOTE = "local t = redis.call('TIME') return redis.call('RPUSH', KEYS[1], ARGV[1] .. ' ' .. t[1] * 1000000 + t[2])";

const versionOf = (name) => JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url))).version;

if (mode === 'version') {
  console.log(`BullMQ ${versionOf('bullmq')}, ioredis ${versionOf('ioredis')}, Node.js ${process.versions.node}`);
} else if (mode === 'work') {
  const journal = new Redis({ port: Number(process.env.JOURNAL) });
  const lockDuration = Number(process.env.VISIBILITY) * 1000;
  new Worker('comparison', async (job) => {
    await journal.eval(NOTE, 1, 'journal', `start ${job.data.number}`);
    await new Promise((resolve) => setTimeout(resolve, job.data.milliseconds));
    await journal.eval(NOTE, 1, 'journal', `end ${job.data.number}`);
  }, { connection, concurrency: Number(numbers[0]), lockDuration });
} else {
  const queue = new Queue('comparison', { connection });
  if (mode === 'given-up') {
    console.log(await queue.getFailedCount());
  } else {
    const [first, count, milliseconds] = numbers.map(Number);
    for (let number = first; number < first + count; number++) {
      await queue.add('work', { number, milliseconds });
    }
  }
  await queue.close();
}
