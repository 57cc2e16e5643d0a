// node bench.mjs CONCURRENCY MESSAGES: enqueues that many jobs that do nothing, 100 a call, then drains them with one worker. Empties its queue on the Redis at PORT.
import { readFile } from 'node:fs/promises';
import { Queue, Worker } from 'bullmq';

const concurrency = +process.argv[2], messages = +process.argv[3];
const connection = { host: '127.0.0.1', port: +process.env.PORT, maxRetriesPerRequest: null };
const { version } = JSON.parse(await readFile(new URL('node_modules/bullmq/package.json', import.meta.url)));
const queue = new Queue('bench', { connection, defaultJobOptions: { removeOnComplete: true } });
await queue.obliterate({ force: true });
const payload = 'x'.repeat(100);
const now = () => Number(process.hrtime.bigint()) / 1e9;

const began = now();
for (let i = 0; i < messages; i += 100) await queue.addBulk(Array.from({ length: 100 }, () => ({ name: 'noop', data: { payload } })));
const enqueued = messages / (now() - began);

let done = 0, start;
const worker = new Worker('bench', async () => {}, { connection, concurrency, autorun: false });
await new Promise(resolve => {
  worker.on('completed', () => { if (done++ === 0) start = now(); if (done === messages) resolve(); });
  worker.run();
});
console.log(`version ${version} enqueued ${enqueued.toFixed(0)} drained ${(messages / (now() - start)).toFixed(0)}`);
await worker.close();
await queue.close();
process.exit(0);
