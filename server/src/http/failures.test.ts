import Fastify, { type FastifyInstance } from 'fastify'
import { afterEach, expect, test } from 'vitest'
import { silentLogger, type Logger } from '../kit/logger.ts'
import { answerFailures } from './failures.ts'

let app: FastifyInstance
afterEach(() => app.close())

function start(): { readonly logged: unknown[] } {
  const logged: unknown[] = []
  const logger: Logger = { ...silentLogger(), error: (fields: unknown) => void logged.push(fields) }
  app = Fastify({ logger: false })
  answerFailures(app, { logger })
  app.get('/broken', () => Promise.reject(new Error('the key is Zq7canary')))
  app.post('/body', () => ({}))
  return { logged }
}

test('what nobody foresaw is logged by its route, and its words are told to nobody', async () => {
  const { logged } = start()
  const answer = await app.inject('/broken?userSig=secret')
  expect(answer.statusCode).toBe(500)
  expect(answer.json()).toEqual({ error: 'Internal Server Error' })
  expect(logged).toEqual([{ err: expect.any(Error), method: 'GET', route: '/broken' }])
})

test('what is refused for its form keeps its status, and is not logged', async () => {
  const { logged } = start()
  const headers = { 'content-type': 'application/json' }
  const answer = await app.inject({ method: 'POST', url: '/body', headers, payload: '{' })
  expect(answer.statusCode).toBe(400)
  expect(answer.json()).toEqual({ error: 'Bad Request' })
  expect(logged).toEqual([])
})
