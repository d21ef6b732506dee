// What Node's own fetch sees. Each scenario has an agent of its own, of the class that fetch uses by default.

import { channel } from 'node:diagnostics_channel'
import { setImmediate as turn } from 'node:timers/promises'
import { PATIENCE, events, form, pieces, run, summary, whole } from './common.mjs'

let made = 0
channel('undici:client:connected').subscribe(() => { made += 1 })
void new Response() // loads what sets the default agent
const Agent = globalThis[Symbol.for('undici.globalDispatcher.1')].constructor

function body (step) {
  if (step.parts.length) return form(step)
  if (step.chunked) return ReadableStream.from(pieces(step))
  return step.body === null && !step.size ? undefined : new Blob([whole(step)])
}

async function release (base, step) {
  const dispatcher = new Agent()
  await fetch(`${base}/-/release/${step.events}`, { dispatcher })
  await dispatcher.close()
}

async function see (base, step, dispatcher) {
  const redirect = step.follow ? 'follow' : 'manual'
  const { method, headers } = step
  const options = { method, headers, body: body(step), redirect, dispatcher, duplex: 'half', signal: AbortSignal.timeout(PATIENCE) }
  const answer = await fetch(base + step.target, options)
  const seen = { status: answer.status, reason: answer.statusText, url: answer.url, headers: [...answer.headers] }
  const stream = answer.body ?? []
  if (step.events) return { ...seen, events: await events(stream, () => release(base, step)) }
  return { ...seen, body: await summary(stream) }
}

await run(async (base, steps) => {
  const dispatcher = new Agent()
  made = 0
  const seen = []
  for (const step of steps) {
    seen.push(await see(base, step, dispatcher))
    await turn() // the end of a body is told before its connection counts as free again
  }
  const connections = made
  await dispatcher.destroy()
  return { steps: seen, connections }
})
