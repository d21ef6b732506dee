// What axios sees, on Node's http. The first argument is the folder that holds node_modules.

import http from 'node:http'
import { createRequire } from 'node:module'
import { Readable } from 'node:stream'
import { PATIENCE, events, form, pieces, run, summary, whole } from './common.mjs'

const axios = createRequire(`${process.argv[2]}/`)('axios')

function body (step) {
  if (step.parts.length) return form(step)
  return step.chunked ? Readable.from(pieces(step)) : whole(step)
}

function headers (step) {
  const joined = {}
  for (const [name, value] of step.headers) joined[name] = name in joined ? [joined[name], value].flat() : value
  return joined
}

function release (base, step) {
  return new Promise((resolve, reject) => {
    http.get(`${base}/-/release/${step.events}`, { agent: false }, answer => answer.resume().on('end', resolve)).on('error', reject)
  })
}

async function see (client, base, step) {
  const answer = await client.request({
    method: step.method,
    url: base + step.target,
    headers: headers(step),
    data: body(step),
    maxRedirects: step.follow ? 5 : 0,
    decompress: step.decode
  })
  const raw = answer.request.res.rawHeaders
  const pairs = raw.filter((_, place) => place % 2 === 0).map((name, place) => [name, raw[2 * place + 1]])
  const seen = { status: answer.status, reason: answer.statusText, url: answer.request.res.responseUrl, headers: pairs }
  if (step.events) return { ...seen, events: await events(answer.data, () => release(base, step)) }
  return { ...seen, body: await summary(answer.data) }
}

await run(async (base, steps) => {
  const agent = new http.Agent({ keepAlive: true })
  let connections = 0
  const connect = agent.createConnection
  agent.createConnection = (...args) => { connections += 1; return connect.apply(agent, args) }
  const limits = { maxBodyLength: Infinity, maxContentLength: Infinity, timeout: PATIENCE }
  const client = axios.create({ httpAgent: agent, responseType: 'stream', validateStatus: () => true, proxy: false, ...limits })
  const seen = []
  for (const step of steps) seen.push(await see(client, base, step))
  agent.destroy()
  return { steps: seen, connections }
})
