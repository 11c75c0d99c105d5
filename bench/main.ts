import { parseArgs } from 'node:util'
import { runBaseSuite } from './base-suite.ts'
import { CLUSTER_SCENARIOS, runClusterSuite } from './cluster-suite.ts'
import { GROUP_SCENARIOS, runGroupSuite } from './groups-suite.ts'
import { runPageSuite } from './page-suite.ts'
import { LOAD_CORE, pin } from './processes.ts'
import { print } from './report.ts'
import { measure } from './scaling/measure.ts'
import { readMeasurement, writeMeasurement } from './scaling/measured.ts'

const HELP = `npm run bench -- [--suite base|groups|cluster|scaling|page] [--only name,name] [--explain]

  base      starting, idle connections, one-to-one messages (the default)
  groups    ${listed(GROUP_SCENARIOS)}
  cluster   ${listed(CLUSTER_SCENARIOS)}
  scaling   what one message, delivery, login and connection uses: bench/scaling/measured.json; npm run sizing goes on from it
  page      the web page with a conversation of 10,000 messages, in Chromium

  --only      these scenarios of the suites "groups" and "cluster", or parts of "scaling"
  --explain   also prints the plan of the statement that gives the states of conversations, and the statements of a login

BENCH_NODE_ARGS  arguments for the server's Node, such as --cpu-prof
BENCH_SERVER     another build's server/dist/main.js
BENCH_SCALE      a share of the sizes and of the time, such as 0.1, for a rough look`

function listed(scenarios: Readonly<Record<string, { readonly what: string }>>): string {
  return Object.entries(scenarios)
    .map(([name, { what }]) => `${name.padEnd(10)} ${what}`)
    .join('\n            ')
}

const { values } = parseArgs({
  options: {
    suite: { type: 'string', default: 'base' },
    only: { type: 'string' },
    explain: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

if (values.help) console.log(HELP)
else if (values.suite === 'page') print(await runPageSuite())
else {
  pin(process, LOAD_CORE)
  if (values.suite === 'base') print(await runBaseSuite())
  else if (values.suite === 'cluster') print(await runClusterSuite(values.only?.split(',')))
  else if (values.suite === 'scaling') {
    writeMeasurement(await measure(readMeasurement(), values.only?.split(',')))
  } else if (values.suite === 'groups') {
    print(await runGroupSuite({ names: values.only?.split(','), explains: values.explain }))
  } else throw new Error(`no such suite: ${values.suite}\n\n${HELP}`)
}
