import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readMeasurement } from './measured.ts'
import { SCHOOL, sizeFor, type Habits } from './model.ts'
import { markdownOf, withTables } from './page.ts'

// npm run sizing: writes the tables of docs/SCALING.md, or says what so many people need.

const PAGE = fileURLToPath(new URL('../../docs/SCALING.md', import.meta.url))
const HELP = `npm run sizing                     writes the tables of docs/SCALING.md from bench/scaling/measured.json
npm run sizing -- --people 30000   says what so many people need
  --online 0.6         share of them who are there at the busiest
  --devices 1.2        connections of each who is there
  --per-minute 0.5     messages by each who is there
  --to-groups 0.3      share of the messages that go to groups
  --group-members 100
  --arrival-minutes 15 within which everybody comes in the morning
  --busy-minutes 60    that a day's messages would fill
npm run bench -- --suite scaling   measures anew`

const { values } = parseArgs({
  options: {
    people: { type: 'string' },
    online: { type: 'string' },
    devices: { type: 'string' },
    'per-minute': { type: 'string' },
    'to-groups': { type: 'string' },
    'group-members': { type: 'string' },
    'arrival-minutes': { type: 'string' },
    'busy-minutes': { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

function positive(name: keyof typeof values, otherwise: number): number {
  const given = values[name]
  if (given === undefined) return otherwise
  const value = Number(given)
  if (!(value > 0)) throw new Error(`--${name} must be a number above 0: ${String(given)}`)
  return value
}

function habits(): Habits {
  return {
    online: positive('online', SCHOOL.online),
    devices: positive('devices', SCHOOL.devices),
    perMinute: positive('per-minute', SCHOOL.perMinute),
    toGroups: positive('to-groups', SCHOOL.toGroups),
    groupMembers: positive('group-members', SCHOOL.groupMembers),
    arrivalMinutes: positive('arrival-minutes', SCHOOL.arrivalMinutes),
    busyMinutesPerDay: positive('busy-minutes', SCHOOL.busyMinutesPerDay),
  }
}

if (values.help) console.log(HELP)
else if (values.people === undefined)
  writeFileSync(PAGE, await withTables(readFileSync(PAGE, 'utf8'), readMeasurement()))
else console.log(markdownOf([sizeFor(positive('people', 0), readMeasurement(), habits())]))
