import { readFileSync } from 'node:fs'
import { AwsClient } from 'aws4fetch'

// Makes the bucket for uploaded files in the S3 store of the settings S3_*, once. A bucket that is there is left alone.
const TRIES = 30
const WAIT_MS = 2_000
const ANSWER_WITHIN_MS = 5_000

const { S3_ENDPOINT, S3_REGION = 'us-east-1', S3_BUCKET, S3_ACCESS_KEY, S3_SECRET_KEY_FILE } = process.env
if (!S3_ENDPOINT || !S3_BUCKET || !S3_ACCESS_KEY || !S3_SECRET_KEY_FILE) {
  throw new Error('S3_ENDPOINT, S3_BUCKET, S3_ACCESS_KEY and S3_SECRET_KEY_FILE must be set')
}
const store = new AwsClient({
  accessKeyId: S3_ACCESS_KEY,
  secretAccessKey: readFileSync(S3_SECRET_KEY_FILE, 'utf8').trim(),
  region: S3_REGION,
  service: 's3',
  retries: 0,
})

/** @param {'HEAD' | 'PUT'} method @returns {Promise<number>} The status; 0 when there was no answer. */
async function ask(method) {
  try {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS)
    const { status } = await store.fetch(`${S3_ENDPOINT}/${S3_BUCKET}`, { method, signal })
    return status
  } catch {
    return 0
  }
}

/** @returns {Promise<string | undefined>} What was the matter, if anything was. */
async function makeBucket() {
  if ((await ask('HEAD')) === 200) return undefined
  const made = await ask('PUT')
  // 409: another made it, or it was there and is ours.
  return made === 200 || ((await ask('HEAD')) === 200 && made === 409) ? undefined : `PUT was answered with ${made}`
}

let problem = await makeBucket()
for (let tried = 1; problem !== undefined && tried < TRIES; tried++) {
  await new Promise((resolve) => setTimeout(resolve, WAIT_MS))
  problem = await makeBucket()
}
if (problem === undefined) {
  console.log(`the bucket ${S3_BUCKET} is there`)
} else {
  console.error(`the bucket ${S3_BUCKET} could not be made: ${problem}`)
  process.exitCode = 1
}
