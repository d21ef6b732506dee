// The frame that every driver in Node runs in; tests/end_to_end/clients/task.py says what is asked and what is told.

import { createHash } from 'node:crypto'

// Milliseconds that a client waits for one answer, and scenarios that may fail before a driver stops.
export const PATIENCE = 30000
const ENOUGH = 3
const BLOCK = Buffer.from(Array.from({ length: 65536 }, (_, place) => place % 256))

export function * blocks (size) {
  for (let start = 0; start < size; start += BLOCK.length) yield BLOCK.subarray(0, Math.min(BLOCK.length, size - start))
}

export function whole (step) {
  if (step.size) return Buffer.concat([...blocks(step.size)])
  return step.body === null ? undefined : Buffer.from(step.body, 'latin1')
}

export function * pieces (step) {
  if (step.size) return yield * blocks(step.size)
  const body = Buffer.from(step.body, 'latin1')
  for (let start = 0; start < body.length; start += 5) yield body.subarray(start, start + 5)
}

export function form (step) {
  const filled = new FormData()
  for (const part of step.parts) {
    const content = Buffer.from(part.content, 'latin1')
    if (part.filename) filled.append(part.name, new Blob([content]), part.filename)
    else filled.append(part.name, part.content)
  }
  return filled
}

export async function summary (stream) {
  const digest = createHash('sha256')
  let length = 0
  for await (const piece of stream) {
    length += piece.length
    digest.update(piece)
  }
  return { length, sha256: digest.digest('hex') }
}

// Reads to the end of the first event, lets the origin go on, and reads the rest.
export async function events (stream, release) {
  const told = ['', '']
  for await (const piece of stream) {
    const at = told[0].endsWith('\n\n') ? 1 : 0
    told[at] += Buffer.from(piece).toString()
    if (at === 0 && told[0].endsWith('\n\n')) await release()
  }
  return told
}

export async function run (perform) {
  const read = []
  for await (const piece of process.stdin) read.push(piece)
  const task = JSON.parse(Buffer.concat(read))
  const told = {}
  let failed = 0
  for (const scenario of task.scenarios) {
    if (failed === ENOUGH) break
    try {
      told[scenario.name] = await perform(task.base, scenario.steps)
    } catch (error) {
      failed += 1
      told[scenario.name] = { error: `${error}; ${error.cause ?? ''}` }
    }
  }
  process.stdout.write(JSON.stringify(told))
}
